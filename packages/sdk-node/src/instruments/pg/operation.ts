/** What a statement does, by its first word: of a text with values in it, nothing else may become an attribute. */

/** Words that statements of PostgreSQL begin with. Anything else is OTHER, so that a broken text cannot make series. */
const verbs = new Set(
  (
    'ABORT ALTER ANALYZE BEGIN CALL CHECKPOINT CLOSE CLUSTER COMMENT COMMIT COPY CREATE DEALLOCATE DECLARE DELETE ' +
    'DISCARD DO DROP END EXECUTE EXPLAIN FETCH GRANT IMPORT INSERT LISTEN LOAD LOCK MERGE MOVE NOTIFY PREPARE REFRESH ' +
    'REINDEX RELEASE RESET REVOKE ROLLBACK SAVEPOINT SELECT SET SHOW START TABLE TRUNCATE UNLISTEN UPDATE VACUUM ' +
    'VALUES WITH'
  ).split(' '),
)

/** Space, comments and parentheses may stand in front. One character at a time, so that no text makes it slow. */
const firstWord = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|\()*([a-z]+)/i

export function operationOf(text: unknown): string {
  if (typeof text !== 'string') return 'OTHER'
  const word = firstWord.exec(text)?.[1].toUpperCase() ?? ''
  return verbs.has(word) ? word : 'OTHER'
}
