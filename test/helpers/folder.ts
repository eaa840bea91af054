import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder for a test, to be removed by it. Others may pass through it: under root, PostgreSQL runs as another user
 *  and would otherwise keep its data elsewhere, where no test tidies up. */
export const temporaryFolder = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `anlaufstelle-${name}-`))
  chmodSync(folder, 0o711)
  return folder
}
