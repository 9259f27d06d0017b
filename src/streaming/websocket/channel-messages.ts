import { KubeletError } from '../../model/errors.ts'

/** The channels of a command in a WebSocket; the first three are its file descriptors. */
export const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const

export type Channel = (typeof channels)[keyof typeof channels]

/** How messages are written, and what they can say. */
export interface MessageFormat {
  /** Text with the number as a digit and the rest in base64; binary with the number as a byte otherwise. */
  readonly base64: boolean
  /** The client may close a channel: protocol 5. */
  readonly closes: boolean
}

export type ChannelMessage =
  | { readonly kind: 'data'; readonly channel: Channel; readonly payload: Buffer }
  | { readonly kind: 'close'; readonly channel: Channel }
  /** Empty, on a channel that there is not, or not base64: dropped, as the kubelet does. */
  | { readonly kind: 'nothing' }

const closeSignal = 255
const firstDigit = '0'.charCodeAt(0)
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/u

/**
 * What a client says with a message (staging/src/k8s.io/streaming/pkg/httpstream/wsstream/conn.go). Throws `invalid` for
 * one that ends the connection: a signal to close that names no channel, or not just one.
 */
export function readMessage(message: Buffer, format: MessageFormat): ChannelMessage {
  const [first, second] = message
  if (first === undefined) return { kind: 'nothing' }
  if (format.closes && first === closeSignal) {
    if (message.length !== 2 || !isChannel(second)) {
      throw new KubeletError('invalid', 'a signal to close is 255 and the number of one channel, from 0 to 4')
    }
    return { kind: 'close', channel: second }
  }
  const data = readData(message, format)
  return data !== undefined && isChannel(data.channel)
    ? { kind: 'data', channel: data.channel, payload: data.payload }
    : { kind: 'nothing' }
}

/** What a message carries, on any channel; `undefined` where it is empty or not base64. */
export function readData(
  message: Buffer,
  format: Pick<MessageFormat, 'base64'>,
): { readonly channel: number; readonly payload: Buffer } | undefined {
  const [first] = message
  if (first === undefined) return undefined
  const payload = format.base64 ? fromBase64(message.subarray(1)) : message.subarray(1)
  return payload && { channel: format.base64 ? first - firstDigit : first, payload }
}

/** A message of ours: a string is sent as text, a buffer as binary. The digit of channel 10 is the character after `9`. */
export function writeMessage(channel: number, payload: Buffer, format: Pick<MessageFormat, 'base64'>): string | Buffer {
  if (format.base64) return String.fromCodePoint(firstDigit + channel) + payload.toString('base64')
  const message = Buffer.allocUnsafe(payload.length + 1)
  message.writeUInt8(channel)
  payload.copy(message, 1)
  return message
}

function isChannel(number: number | undefined): number is Channel {
  return number !== undefined && number >= channels.stdin && number <= channels.resize
}

function fromBase64(bytes: Buffer): Buffer | undefined {
  const text = bytes.toString('latin1').replaceAll(/[\r\n]/gu, '')
  return base64Pattern.test(text) ? Buffer.from(text, 'base64') : undefined
}
