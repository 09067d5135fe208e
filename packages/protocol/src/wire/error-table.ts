/**
 * What each code of a WireError means. Apart from the class, so that a browser's bundle does not carry the sentences.
 * `docs/reference/wire-format.md` lists the same codes; a test fails where the two differ.
 */
export const wireErrors = {
  truncated: 'a length or a value reaches past the end of its message',
  bad_varint: 'a number is longer than its type allows',
  bad_wire_type: 'a field has a wire type that its definition does not allow',
  bad_length: 'a packed column of doubles is not a whole number of entries long',
  duplicate_section: 'a table or the resource appears twice',
  unequal_columns: 'columns of one table differ in length, or a required column is missing',
  index_out_of_range: 'a string, series or row number points outside of its table',
  not_ascending: 'row numbers or histogram keys do not ascend',
  key_out_of_range: 'a histogram key stands for no double',
  odd_attributes: 'an attribute list has a key without a value',
  bad_attribute_column: 'an attribute column has no values, or values of two types',
  bad_id: 'a batch id or stream id is not 16 bytes long',
  bad_enum: 'a kind or signal is not one of the known ones',
  bad_bool: 'a truth value is neither 0 nor 1',
  bad_time: 'a time is not finite, or too far from the time before it',
  invalid_utf8: 'a string is not UTF-8',
  too_many_rows: 'more rows than maxRows',
  too_many_series: 'more series than maxSeries',
  too_many_attributes: 'a row has more attributes than maxAttributes',
  too_many_attribute_columns: 'more attribute columns than maxAttributeColumns',
  too_many_strings: 'more strings than maxStrings',
  too_many_buckets: 'more histogram buckets than maxBuckets',
  too_many_steps: 'more task steps than maxSteps',
  too_many_drops: 'more drop or rejection entries than maxDrops',
  name_too_long: 'a metric, event or attribute name has more bytes than maxNameBytes',
  string_too_long: 'a string has more bytes than maxStringBytes',
} as const

export type WireErrorCode = keyof typeof wireErrors
