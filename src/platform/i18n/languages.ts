/** Languages the product speaks. German comes first: it is decisive, and its pages have no language in the path. */
export const languages = ['de', 'en', 'ar'] as const
export type Language = (typeof languages)[number]
