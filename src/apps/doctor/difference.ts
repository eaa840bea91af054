import { RefusedError } from '#platform/config.ts'

/** Where what runs differs from what the register says: what it is, and what to do. `isOutage`: nothing answered that
 *  could be looked at, which says nothing about whether it differs. */
export type Difference = { message: string; remedy: string; isOutage?: true }

export const differenceLine = ({ message, remedy }: Difference): string => `${message} → ${remedy}`

/** The server does not start with a difference. The message names every one. */
export class DifferenceError extends Error {
  constructor(differences: readonly Difference[]) {
    super(
      `The running system differs from the register, so it does not start:\n  ${differences.map(differenceLine).join('\n  ')}`,
    )
  }
}

/** The start ends, and no tenant is judged by what was not looked at. The next one goes on behind those that are noted. */
export class OutageError extends RefusedError {
  constructor(outages: readonly Difference[]) {
    super(
      `Not everything could be looked at, so the server does not start; the next start goes on from here:\n  ${outages.map(differenceLine).join('\n  ')}`,
    )
  }
}
