/**
 * Records anew what an API server answers the agent: `KUBECONFIG=… node test/recorded/record.ts` writes
 * kubernetes-1.N.json here, N being the server's minor version. Without $KUBECONFIG it asks the test bed's. Names and
 * times in it are those of that moment; it holds no credentials.
 */
import { writeFile } from 'node:fs/promises'
import { recordAnswers } from './record-answers.ts'

const recording = await recordAnswers()
const release = /^v(\d+\.\d+)/u.exec(recording.version)?.[1] ?? 'unknown'
const file = new URL(`kubernetes-${release}.json`, import.meta.url)
await writeFile(file, `${JSON.stringify(recording, undefined, 1)}\n`)
console.log(`Recorded ${Object.keys(recording.scenes).length} scenes of ${recording.version} in ${file.pathname}`)
