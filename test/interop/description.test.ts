import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/folder.ts'
import { type Installation, startInstallation } from '../helpers/installation.ts'

/* What two linters of OpenAPI documents, Redocly's and Spectral, say of the description that the server serves, each with
 * the rules that it recommends. */

let installation: Installation
const folder = temporaryFolder('description')
beforeAll(async () => {
  installation = await startInstallation({ withoutWorker: true })
  writeFileSync(join(folder, 'redocly.yaml'), 'extends: [recommended]\n')
  writeFileSync(join(folder, 'spectral.yaml'), "extends: ['spectral:oas']\n")
})
afterAll(async () => {
  await installation.close()
  rmSync(folder, { recursive: true })
})

type Json = Record<string, unknown>
type Operation = { description?: string; security?: unknown }
type Description = Json & { paths: Record<string, Record<string, Operation>> }

const run = (tool: string, ...options: string[]): Json => {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const linter = join(process.env.TEST_LINTERS ?? '', tool)
  const { stdout, stderr, error } = spawnSync(linter, options, { encoding: 'utf8', cwd: folder, env })
  try {
    return JSON.parse(stdout)
  } catch {
    throw new Error(`${tool}: ${error?.message ?? stderr}`)
  }
}

/** Each finding, warnings and hints included, as rule and place. */
const lint = (document: Json): string[] => {
  const file = join(folder, 'openapi.json')
  writeFileSync(file, JSON.stringify(document))
  const redocly = run('redocly', 'lint', '--config=redocly.yaml', '--format=json', '--max-problems=1000', file)
  const spectral = run('spectral', 'lint', '--ruleset=spectral.yaml', '--format=json', '--quiet', file)
  const problems = redocly.problems as { ruleId: string; location: { pointer: string }[] }[]
  const results = spectral as unknown as { code: string; path: string[] }[]
  return [
    ...problems.map(({ ruleId, location }) => `redocly ${ruleId} ${location[0]?.pointer}`),
    ...results.map(({ code, path }) => `spectral ${code} ${path.join('/')}`),
  ]
}

const served = async (url: string): Promise<Description> => (await installation.app.inject(url)).json()

test.each(['/api/openapi.json', '/segeberg/api/v1/openapi.json', '/musterstadt/api/v1/openapi.json'])(
  'neither has anything to say against %s',
  async (url) => {
    expect(lint(await served(url))).toEqual([])
  },
)

test('both speak up where a description or what an operation needs is missing', async () => {
  const document = await served('/api/openapi.json')
  delete document.paths['/sites']?.get?.description
  delete document.paths['/services']?.get?.security
  expect(lint(document)).toEqual([
    'redocly security-defined #/paths/~1services/get',
    'spectral operation-description paths//sites/get',
  ])
})

test('an example that is no request is found', async () => {
  const text = JSON.stringify(await served('/api/openapi.json'))
  const found = lint(JSON.parse(text.replaceAll('"services":["beratung-vor-ort"]', '"services":"beratung-vor-ort"')))
  expect(found).not.toEqual([])
})
