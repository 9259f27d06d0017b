import { answersContract } from '../contract/answers.contract.ts'
import { recordAnswers } from '../recorded/record-answers.ts'

answersContract('the API server of the tests', recordAnswers)
