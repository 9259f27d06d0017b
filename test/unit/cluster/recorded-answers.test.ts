import { answersContract } from '../../contract/answers.contract.ts'
import { readRecording } from '../../recorded/recording.ts'

answersContract('an API server of today, Kubernetes 1.36,', () => readRecording('1.36'))
answersContract('the oldest API server that is supported, Kubernetes 1.20,', () => readRecording('1.20'))
