import type { Section } from '../blocks.ts'

/** A document of the authority's own, made from the register: not for the public, for printing and filing. */
export type Paper = { title: string; lead: readonly string[]; sections: readonly Section[] }
