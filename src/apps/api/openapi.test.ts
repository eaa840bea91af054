import { expect, test } from 'vitest'
import { describeApi } from './openapi.ts'

test.each([
  ['on the net in full', 'https://termine.example.org', 'https://termine.example.org/segeberg/api/v1'],
  ['under a path in full', 'https://example.org/termine', 'https://example.org/termine/segeberg/api/v1'],
  ['on one’s own machine from the host on', 'http://localhost:3000', '/segeberg/api/v1'],
  ['on one’s own machine, by number', 'http://[::1]:3000', '/segeberg/api/v1'],
  ['on one’s own machine, under a path', 'http://127.0.0.1:3000/termine', '/termine/segeberg/api/v1'],
])('the description names the server %s', (_, publicUrl, url) => {
  const contact = { name: 'Jobcenter', url: publicUrl }
  expect(describeApi([], { publicUrl, slugs: ['segeberg'], contact }).servers).toEqual([{ url }])
})
