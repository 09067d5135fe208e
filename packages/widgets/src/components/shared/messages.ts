/** The sentences that tags say, in the language in force. */
export { messages } from '../../i18n/messages.js'
