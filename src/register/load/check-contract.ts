import type { Day } from '../law/laws.ts'
import type { Problem, Recipient } from '../register.ts'
import type { Path, YamlFile } from './yaml.ts'

/** A contract that is dated after `today`: nothing may be handed over under what is not concluded yet. `path` leads to the
 *  contract, `name` is how people call that place. */
export const checkContract = (
  yaml: YamlFile,
  path: Path,
  name: string,
  contract: NonNullable<Recipient['contract']>,
  today: Day,
): Problem[] =>
  contract.concluded <= today
    ? []
    : [
        yaml.at(
          [...path, 'concluded'],
          `${name}.concluded: ${contract.concluded} is still to come on ${today}`,
          'write the day on which it was concluded; nothing may be handed over before (Art. 28(3) GDPR)',
        ),
      ]
