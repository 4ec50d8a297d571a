package payment

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
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
	ChargedTo   ChargedTo // with one line alone
	Reason      string    // upper case
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

// Fingerprint is a SHA-256 over the operation's id and what of the command moves money, by meaning: kind, payment, line, amount
// by value, full, currency, destination, allocation and who is charged; of a fund payment its prices, its items' ids and prices, and whose
// session it is. What describes or carries the request (reference, reason, description, returnUrl, ip, locale, accessToken,
// verifySession) is not in it: of a key that comes again the first ones stay.
func (c Command) Fingerprint() string {
	body := struct {
		Kind                                                       Kind
		PaymentID, LineID, Amount, Currency, Destination, Allocate string
		Full                                                       bool
		Fund                                                       *fundMeaning `json:",omitempty"`
		ChargedTo                                                  ChargedTo    `json:",omitempty"`
	}{
		c.Kind, c.PaymentID, c.LineID, "", string(c.Currency), string(c.Destination), string(c.Allocation), c.Full, c.Fund.meaning(), c.ChargedTo,
	}
	if !c.Amount.IsZero() {
		body.Amount = c.Amount.String()
	}
	return c.hash("iade meaning\x00", body)
}

// fingerprint is the command's Fingerprint on this payment: its only line named or not, its currency named or not, and an
// allocation that has nothing to choose from are one and the same request.
func (a *Account) fingerprint(c Command) string {
	if c.Currency == a.Currency {
		c.Currency = ""
	}
	if c.LineID = a.lineMeant(c); c.LineID != "" {
		c.Allocation = AllocateNone
	}
	return c.Fingerprint()
}

// sameRequest tells whether the operation was made by a request that says the same (I6). Operations of older versions hold
// the fingerprint that those made.
func (a *Account) sameRequest(fingerprint string, c Command) bool {
	return fingerprint == a.fingerprint(c) || fingerprint == c.literalFingerprint()
}

// fundMeaning is what of a fund payment's order moves money.
type fundMeaning struct {
	Price, PaidPrice, Currency, Member string
	Items                              []itemMeaning
}

type itemMeaning struct{ ID, Price string }

// meaning is nil without an order. Nobody keeps it, only its hash.
func (o *FundOrder) meaning() *fundMeaning {
	if o == nil {
		return nil
	}
	m := &fundMeaning{
		Price: o.PriceAmount.String(), PaidPrice: o.PaidAmount.String(), Currency: string(o.PaidAmount.Currency()), Member: o.MemberIdentifier,
	}
	for _, item := range o.BasketItems {
		m.Items = append(m.Items, itemMeaning{item.ID, item.PriceAmount.String()})
	}
	return m
}

// literalFingerprint is the form of versions that took every member to the letter, reference and reason too.
func (c Command) literalFingerprint() string {
	body := struct {
		Kind                                                             Kind
		PaymentID, LineID, Amount                                        string
		Full                                                             bool
		Currency, Destination, Allocation, Reason, Description, Ref, URL string
		Fund                                                             json.RawMessage `json:",omitempty"`
		ChargedTo                                                        ChargedTo       `json:",omitempty"` // those versions had none
	}{
		c.Kind, c.PaymentID, c.LineID, "", c.Full, string(c.Currency), string(c.Destination), string(c.Allocation),
		c.Reason, c.Description, c.Reference, c.ReturnURL, c.Fund.canonical(), c.ChargedTo,
	}
	if !c.Amount.IsZero() {
		body.Amount = c.Amount.String()
	}
	return c.hash("", body)
}

// hash is a SHA-256 of the operation's id and a body of plain strings.
func (c Command) hash(form string, body any) string {
	canonical, err := json.Marshal(body)
	if err != nil {
		panic("payment: a command of plain strings did not marshal: " + err.Error())
	}
	sum := sha256.Sum256(append([]byte(form+c.OperationID()+"\x00"), canonical...))
	return hex.EncodeToString(sum[:])
}
