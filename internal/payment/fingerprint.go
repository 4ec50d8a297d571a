package payment

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Fingerprint is a SHA-256 over the operation's id and what of the command moves money, by meaning: kind, payment, line, amount
// by value, full, currency, destination and allocation; of a fund payment its prices, its items' ids and prices, and whose
// session it is. What describes or carries the request (reference, reason, description, returnUrl, ip, locale, accessToken,
// verifySession) is not in it: of a key that comes again the first ones stay.
func (c Command) Fingerprint() string {
	body := struct {
		Kind                                                       Kind
		PaymentID, LineID, Amount, Currency, Destination, Allocate string
		Full                                                       bool
		Fund                                                       *fundMeaning `json:",omitempty"`
	}{
		c.Kind, c.PaymentID, c.LineID, "", string(c.Currency), string(c.Destination), string(c.Allocation), c.Full, c.Fund.meaning(),
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
	}{
		c.Kind, c.PaymentID, c.LineID, "", c.Full, string(c.Currency), string(c.Destination), string(c.Allocation),
		c.Reason, c.Description, c.Reference, c.ReturnURL, c.Fund.canonical(),
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
