/** Where what runs differs from what the register says: what it is, and what to do. */
export type Difference = { message: string; remedy: string }

export const differenceLine = ({ message, remedy }: Difference): string => `${message} → ${remedy}`

/** The server does not start with a difference. The message names every one. */
export class DifferenceError extends Error {
  constructor(differences: readonly Difference[]) {
    super(
      `The running system differs from the register, so it does not start:\n  ${differences.map(differenceLine).join('\n  ')}`,
    )
  }
}
