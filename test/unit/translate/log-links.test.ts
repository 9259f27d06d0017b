import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerId, podUid } from '../../../src/model/ids.ts'
import {
  containerLogLink,
  containerOfLogFile,
  dockerLogFile,
  hasPlausibleNames,
  podLogLink,
} from '../../../src/translate/log-links.ts'

const folders = { podLogs: '/var/log/pods', containerLogs: '/var/log/containers' }
const id = containerId('0123456789abcdef'.repeat(4))
const owner = { podUid: podUid('u-1'), podName: 'web', podNamespace: 'default' }
const container = { id, owner, name: 'main', attempt: 3 }

describe('The links to the log of a container', () => {
  it("lie where the kubelet's do", () => {
    assert.equal(podLogLink(folders, container), '/var/log/pods/default_web_u-1/main/3.log')
    assert.equal(containerLogLink(folders, container), `/var/log/containers/web_default_main-${id}.log`)
  })

  it('have a name that a file can have, cut as by the kubelet', () => {
    const long = { ...container, owner: { ...owner, podName: 'p'.repeat(253) } }
    assert.equal(containerLogLink(folders, long), `/var/log/containers/${'p'.repeat(251)}.log`)
    const justLong = { ...container, owner: { ...owner, podName: 'p'.repeat(180) } }
    assert.equal(
      containerLogLink(folders, justLong),
      `/var/log/containers/${'p'.repeat(180)}_default_main-${id.slice(0, 57)}.log`,
    )
  })

  it('lead to the file of the json-file driver, which tells whose it is', () => {
    const file = `/var/lib/docker/containers/${id}/${id}-json.log`
    assert.equal(dockerLogFile('/var/lib/docker', id), file)
    assert.equal(containerOfLogFile(file), id)
    for (const other of ['/var/lib/docker/containers/x-json.log', `/logs/${id}.log`, '']) {
      assert.equal(containerOfLogFile(other), undefined)
    }
  })

  it('are made of names that lead nowhere else', () => {
    assert.equal(hasPlausibleNames(container), true)
    for (const text of ['', '..', '../..', 'a/b', '.hidden', 'a_b', 'a\0b']) {
      assert.equal(hasPlausibleNames({ ...container, name: text }), false)
      assert.equal(hasPlausibleNames({ ...container, owner: { ...owner, podName: text } }), false)
      assert.equal(hasPlausibleNames({ ...container, owner: { ...owner, podNamespace: text } }), false)
      assert.equal(hasPlausibleNames({ ...container, owner: { ...owner, podUid: podUid(text) } }), false)
    }
  })
})
