import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { contentHash } from '#register/canonical.ts'
import { allTenants, runningTenant } from './helpers/tenants.ts'

// What people were told under a version is what its files say as long as the version stands, however the files are made.
// Somebody who changes a promise raises its version and writes the new line here, as the test prints it.
test.each(allTenants)('what %s has published under a version is what its files say', (slug) => {
  const known = JSON.parse(readFileSync('test/published.json', 'utf8'))[slug]
  const said = runningTenant(slug).declarations.map(({ id, version, content }) => [
    `${id} ${version}`,
    contentHash(content).slice(0, 16),
  ])
  expect(known).toEqual(Object.fromEntries(said))
})
