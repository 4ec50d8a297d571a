package payment

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/iade/iade/internal/money"
)

// Command is one caller's request after its form was checked: what to move on which payment. Its members are the API's
// (contract §3).
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

	// What follows is sent to iyzico and never stored; ip and locale are not part of the fingerprint either.
	Description string
	IP          string
	Locale      string

	PageLocale string // locale as the caller wrote it, empty if omitted: the language of a balance refund's pages

	Interactive bool // a caller waits for the answer: may use the quota's reserved fifth
}

// idEncoding is lower-case base32 without padding: ids go into URLs and into iyzico's conversationId.
var idEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// OperationID is what the command's operation is called: rf_<paymentId>_<16> or cn_<paymentId>_<16>, where the last part
// hashes payment and key, or fp_<26>, a hash of the key: a fund payment's scope is the merchant (contract §2). The same
// key on the same payment gives the same id everywhere, so that it is recognised in iyzico's report even after the
// table was restored.
func (c Command) OperationID() string {
	if c.Kind == KindFundPayment {
		sum := sha256.Sum256([]byte("iade fund payment\x00" + c.Key))
		return "fp_" + idEncoding.EncodeToString(sum[:16])
	}
	prefix := "rf_"
	if c.Kind == KindCancel {
		prefix = "cn_"
	}
	sum := sha256.Sum256([]byte("iade operation\x00" + c.PaymentID + "\x00" + c.Key))
	return prefix + c.PaymentID + "_" + idEncoding.EncodeToString(sum[:10])
}

// AccountID is the account that the command is about.
func (c Command) AccountID() AccountID {
	if c.Kind == KindFundPayment {
		return FundAccount(c.OperationID())
	}
	return PaymentAccount(c.PaymentID)
}

// AccountOf returns the account that holds the operation of that id; false if it cannot be an id of ours.
func AccountOf(operationID string) (AccountID, bool) {
	kind, rest, ok := strings.Cut(operationID, "_")
	if !ok {
		return "", false
	}
	switch kind {
	case "rf", "cn":
		paymentID, hash, ok := strings.Cut(rest, "_")
		if !ok || !ValidIyzicoID(paymentID) || !base32Text(hash, 16) {
			return "", false
		}
		return PaymentAccount(paymentID), true
	case "fp":
		return FundAccount(operationID), base32Text(rest, 26)
	}
	return "", false
}

// ValidIyzicoID tells whether s can be a paymentId or paymentTransactionId: 1 to 19 digits (contract §2).
func ValidIyzicoID(s string) bool {
	if s == "" || len(s) > 19 {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

func base32Text(s string, length int) bool {
	return len(s) == length && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// Fingerprint is a SHA-256 over the operation's id and the canonical body: every member with the static defaults filled
// in and amounts by value, without ip, locale, accessToken and verifySession. An omitted currency or line is not the
// explicit one.
func (c Command) Fingerprint() string {
	body := struct {
		Kind                                                             Kind
		PaymentID, LineID, Amount                                        string
		Full                                                             bool
		Currency, Destination, Allocation, Reason, Description, Ref, URL string
		Fund                                                             json.RawMessage `json:",omitempty"`
	}{
		c.Kind, c.PaymentID, c.LineID, "", c.Full, string(c.Currency), string(c.Destination), string(c.Allocation),
		c.Reason, c.Description, c.Reference, c.ReturnURL, c.Fund.canonical(),
	}
	if !c.Amount.IsZero() {
		body.Amount = c.Amount.String()
	}
	canonical, err := json.Marshal(body)
	if err != nil {
		panic("payment: a command of plain strings did not marshal: " + err.Error())
	}
	sum := sha256.Sum256(append([]byte(c.OperationID()+"\x00"), canonical...))
	return hex.EncodeToString(sum[:])
}
