import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  isPrintable,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from '../../../../src/certificates/x509/der.ts'
import { addressBytes, keyUsageBits, type KeyUsage } from '../../../../src/certificates/x509/fields.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')

describe('DER', () => {
  for (const [what, value, hex] of [
    ['a number below 128', integer(bytes('7f')), '02017f'],
    ['a number whose highest bit is set', integer(bytes('80')), '02020080'],
    ['a number without its leading zeros', integer(bytes('000102')), '02020102'],
    ['zero', integer(bytes('0000')), '020100'],
    ['yes', boolean(true), '0101ff'],
    ['an object identifier', objectIdentifier('1.2.840.10045.4.3.2'), '06082a8648ce3d040302'],
    ['a string of bits', bitString(bytes('a0'), 5), '030205a0'],
    ['a text that is not ASCII', utf8String('é'), '0c02c3a9'],
    ['a time before 2050', time(Date.parse('2049-12-31T23:59:59.9Z')), `170d${ascii('491231235959Z')}`],
    ['a time after 2049', time(Date.parse('2050-01-01T00:00:00Z')), `180f${ascii('20500101000000Z')}`],
    ['a set in its order', set(bytes('0202'), bytes('0101')), '310401010202'],
    ['a sequence in ours', sequence(bytes('0202'), bytes('0101')), '300402020101'],
    ['an explicit tag', explicit(0, bytes('020102')), 'a003020102'],
    ['an implicit tag', implicit(2, Buffer.from('a')), '820161'],
  ] as const) {
    it(`has ${what}`, () => assert.equal(value.toString('hex'), hex))
  }

  for (const [length, head] of [
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [65_536, '0483010000'],
  ] as const) {
    it(`has a length of ${length}`, () => {
      assert.equal(
        octetString(Buffer.alloc(length))
          .subarray(0, head.length / 2)
          .toString('hex'),
        head,
      )
    })
  }

  it('knows what a PrintableString may not hold', () => {
    assert.ok(isPrintable('system:node:n-1.example'))
    assert.ok(!isPrintable('host@1'))
    assert.ok(!isPrintable('n_1'))
  })
})

describe('The usages of a key', () => {
  for (const [usages, hex] of [
    [['digitalSignature'], '03020780'],
    [['digitalSignature', 'keyEncipherment'], '030205a0'],
    [['digitalSignature', 'keyEncipherment', 'certificateSigning'], '030202a4'],
    [[], '030100'],
  ] as const satisfies readonly (readonly [readonly KeyUsage[], string])[]) {
    it(`are written as short as can be: ${usages.join(' and ') || 'none'}`, () => {
      assert.equal(keyUsageBits(usages).toString('hex'), hex)
    })
  }
})

describe('An address', () => {
  for (const [address, hex] of [
    ['10.0.0.7', '0a000007'],
    ['::1', '00000000000000000000000000000001'],
    ['::', '00000000000000000000000000000000'],
    ['fd00::', 'fd000000000000000000000000000000'],
    ['2001:db8:1:2:3:4:5:6', '20010db8000100020003000400050006'],
    ['::ffff:10.0.0.7', '00000000000000000000ffff0a000007'],
  ] as const) {
    it(`is its bytes: ${address}`, () => assert.equal(addressBytes(address).toString('hex'), hex))
  }
})

function ascii(text: string): string {
  return Buffer.from(text).toString('hex')
}
