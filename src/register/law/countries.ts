/** States of EU and EEA: § 80(2) SGB X lets social data be processed there without further conditions. */
export const eea = new Set(
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK'.split(' '),
)
