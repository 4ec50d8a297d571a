package payment

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"github.com/iade/iade/internal/money"
)

// Command is one caller's request after its form was checked: what to move on which payment. Its members are the
// API's.
type Command struct {
	Kind      Kind
	PaymentID string
	Key       string

	LineID      string
	Amount      money.Amount // zero with Full, cancel and balance; its currency is the explicit one or empty
	Full        bool
	Currency    money.Currency // as written by the caller, empty if omitted
	Destination Destination
	Allocation  Allocation
	Reason      string // upper case
	Reference   string
	ReturnURL   string

	Fund *FundOrder // of a fund payment alone; sent to iyzico and never stored

	// What follows is sent to iyzico and never stored.
	Description string
	IP          string
	Locale      string

	PageLocale string // locale as the caller wrote it, empty if omitted: the language of a balance refund's pages

	Interactive bool // a caller waits for the answer: may use the quota's reserved fifth
}

// idEncoding is lower-case base32 without padding: ids go into URLs and into iyzico's conversationId.
var idEncoding = base32.NewEncoding(idHashAlphabet).WithPadding(base32.NoPadding)

// OperationID is what the command's operation is called: the kind's prefix, the payment and 16 characters that hash payment
// and key; fp_<26>, a hash of the key, for a fund payment, whose scope is the merchant. The same key on the same payment
// gives the same id everywhere, so that it is recognised in iyzico's report even after the table was restored.
func (c Command) OperationID() string {
	spec := c.Kind.spec()
	if spec.ownAccount {
		sum := sha256.Sum256([]byte("iade fund payment\x00" + c.Key))
		return spec.prefix + idEncoding.EncodeToString(sum[:16])
	}
	sum := sha256.Sum256([]byte("iade operation\x00" + c.PaymentID + "\x00" + c.Key))
	return spec.prefix + c.PaymentID + "_" + idEncoding.EncodeToString(sum[:10])
}

// AccountID is the account that the command is about.
func (c Command) AccountID() AccountID {
	if c.Kind.spec().ownAccount {
		return FundAccount(c.OperationID())
	}
	return PaymentAccount(c.PaymentID)
}

// The lengths of the hashes at the end of ids, in characters.
const (
	hashLength     = 16
	ownHashLength  = 26
	idHashAlphabet = "abcdefghijklmnopqrstuvwxyz234567"
)

// AccountOf returns the account that holds the operation of that id; false if it cannot be an id of ours.
func AccountOf(operationID string) (AccountID, bool) {
	for _, row := range kindTable {
		rest, ok := strings.CutPrefix(operationID, row.prefix)
		switch {
		case !ok:
		case row.ownAccount:
			return FundAccount(operationID), base32Text(rest, ownHashLength)
		default:
			paymentID, hash, ok := strings.Cut(rest, "_")
			if !ok || !ValidIyzicoID(paymentID) || !base32Text(hash, hashLength) {
				return "", false
			}
			return PaymentAccount(paymentID), true
		}
	}
	return "", false
}

// ValidIyzicoID tells whether s can be a paymentId or paymentTransactionId: 1 to 19 digits.
func ValidIyzicoID(s string) bool {
	if s == "" || len(s) > 19 {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

func base32Text(s string, length int) bool {
	return len(s) == length && strings.Trim(s, idHashAlphabet) == ""
}
