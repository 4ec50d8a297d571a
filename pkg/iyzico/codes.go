package iyzico

import (
	"strconv"
	"strings"
)

// code is one row of the table of iyzico's error codes: what a failure with it says about the money.
type code struct {
	number  string
	name    string
	verdict Outcome
	reason  string
	source  string
}

const (
	codeRateLimit = "50000"

	// Codes from here on come from the bank, after the transaction was sent to it; those below come from iyzico's own
	// checks before that (reference §8.3).
	firstBankCode = 10000
)

// lookupCode finds a code's row.
func lookupCode(number string) (code, bool) {
	c, ok := codeTable[number]
	return c, ok
}

// isUnlistedBusinessCode tells whether a code that the table lacks is one of iyzico's own checks by its number.
func isUnlistedBusinessCode(number string) bool {
	n, err := strconv.Atoi(number)
	return err == nil && n > 2 && n < firstBankCode
}

var codeTable = indexCodes(
	codes(Unknown, ReasonUnclearCode, "reference §8.3, system errors",
		"1 SYSTEM_ERROR", "2 SYSTEM_ERROR", "-1 UNKNOWN"),
	codes(Rejected, ReasonRefused, "reference §8.3, docs hata-kodlari/validasyon-hatalari: given before anything goes to the bank",
		"3 INVALID_EMAIL", "6 REQUEST_MISSING", "7 INVALID_DATE_FORMAT", "8 INVALID_IDENTITY_NUMBER", "11 INVALID_REQUEST",
		"12 INVALID_CARD_NUMBER", "20 CONVERSATION_ID_TOO_LONG", "22 IP_TOO_LONG", "23 CALLBACK_URL_MISSING", "24 FIELD_MISSING",
		"3005 CARD_USER_KEY_NOT_FOUND", "5062 PRICE_NOT_SUM_OF_ITEMS", "5079 MARKETPLACE_FIELDS_NOT_ALLOWED",
		"5184 FOREIGN_CURRENCY_WITH_DOMESTIC_CARD", "9000 ACCOUNT_SUSPENDED"),
	codes(NotSent, ReasonCredentials, "reference §8.3, docs error-codes: authentication",
		"1000 INVALID_SIGNATURE", "1001 API_CREDENTIALS_NOT_FOUND", "1002 MERCHANT_NOT_FOUND", "1003 MERCHANT_NOT_AUTHORISED",
		"1006 API_KEY_MISSING"),
	codes(NotSent, ReasonRateLimited, "reference §8.2, docs limiters",
		codeRateLimit+" REQUEST_LIMIT_EXCEEDED"),
	codes(Rejected, ReasonRefused, "seed 004",
		"260018 SESSION_PAYMENT_TYPE_NOT_MATCHED"),
	codes(Rejected, ReasonRefused, "reference §8.3, docs hata-kodlari/banka-hatalari: definite decline by the bank",
		"10005 DO_NOT_HONOUR", "10012 INVALID_TRANSACTION", "10034 FRAUD_SUSPECT", "10041 LOST_CARD", "10043 STOLEN_CARD",
		"10051 NOT_SUFFICIENT_FUNDS", "10054 EXPIRED_CARD", "10057 NOT_PERMITTED_TO_CARDHOLDER",
		"10058 NOT_PERMITTED_TO_TERMINAL", "10084 INVALID_CVC2", "10093 RESTRICTED_BY_LAW", "10201 CARD_NOT_PERMITTED",
		"10220 DECLINED", "10223 REQUIRES_DAY_END", "10224 EXCEEDS_WITHDRAWAL_AMOUNT_LIMIT", "10243 LOCAL_DECLINE",
		"10244 REMOTE_DECLINE", "10246 REFUND_DECLINE", "10248 EXCEEDED_TRANSACTION_AMOUNT"),
	codes(Rejected, ReasonRefused, "reference §8.3, docs error-codes: format or permission at the bank",
		"10205", "10206", "10207", "10208", "10209", "10210", "10211", "10212", "10213", "10215", "10217", "10218", "10221",
		"10222", "10225", "10226", "10227", "10229", "10230", "10231", "10232", "10233", "10234", "10235"),
	codes(Unknown, ReasonUnclearCode, "reference §8.3: an answer to reads, says nothing about money",
		"5122 NO_PAYMENT_FOR_TOKEN"),
	codes(Unknown, ReasonUnclearCode, "reference §8.3: general bank error",
		"10202 GENERAL_BANK_ERROR", "10204 GENERAL_BANK_ERROR", "10236 UNKNOWN"),
	codes(Unknown, ReasonUnclearCode, "reference §8.3: may already be done",
		"10203 APPROVED_COMPLETED"),
	codes(Unknown, ReasonUnclearCode, "reference §8.3: bank unreachable or timed out",
		"10214 COMMUNICATION_OR_SYSTEM_ERROR", "10216 NO_SUCH_ISSUER", "10219 REQUEST_TIMEOUT",
		"10228 ISSUER_OR_SWITCH_INOPERATIVE", "10240 TIMEOUT", "10241 REMOTE_ERROR", "10242 LOCAL_ERROR"),
)

// codes makes rows that share a verdict and a source; each entry is a number, a blank and a name, which may be absent.
func codes(verdict Outcome, reason, source string, entries ...string) []code {
	rows := make([]code, len(entries))
	for i, entry := range entries {
		number, name, _ := strings.Cut(entry, " ")
		rows[i] = code{number: number, name: name, verdict: verdict, reason: reason, source: source}
	}
	return rows
}

func indexCodes(groups ...[]code) map[string]code {
	table := make(map[string]code, 96)
	for _, group := range groups {
		for _, row := range group {
			table[row.number] = row
		}
	}
	return table
}
