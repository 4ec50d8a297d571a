package payment

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Published is a Change in the form in which EventBridge gives it to consumers. Its time is that of the
// change, so a repeated event is the same event.
type Published struct {
	Source     string    `json:"source"`
	DetailType string    `json:"detail-type"`
	Time       time.Time `json:"time"`
	Detail     Detail    `json:"detail"`
}

// Published is the event of the change.
func (c Change) Published() Published {
	return Published{EventSource, c.DetailType, c.Detail.UpdatedAt, c.Detail}
}

// DetailJSON is the event's detail as text.
func (p Published) DetailJSON() (string, error) {
	data, err := json.Marshal(p.Detail)
	if err != nil {
		return "", fmt.Errorf("write the event of %s: %w", p.Detail.ID, err)
	}
	return string(data), nil
}

// Shortened gives the event with less in it, for a bus that does not carry the whole, and false if nothing is left to leave out:
// first without what iyzico gave for each leg, then without legs and lines, then with nothing but what tells which operation
// ended how. A consumer reads the rest by GET.
func (p Published) Shortened() (Published, bool) {
	d := p.Detail
	withProof := func(l LegView) bool { return l.Iyzico != nil }
	switch {
	case len(d.Legs) > 1 && slices.ContainsFunc(d.Legs, withProof):
		d.Legs = slices.Clone(d.Legs)
		for i := range d.Legs {
			d.Legs[i].Iyzico = nil
		}
	case len(d.Legs) > 0 || len(d.Lines) > 0:
		d.Legs, d.Lines = nil, nil
	case d.Reference != "" || d.ReturnURL != "" || d.Error != nil || d.Iyzico != nil:
		d.Resource = Resource{
			ID: d.ID, Kind: d.Kind, Status: d.Status, PaymentID: d.PaymentID, PaymentTransactionID: d.PaymentTransactionID,
			Amount: d.Amount, RefundedAmount: d.RefundedAmount, Currency: d.Currency,
			CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt, SettledAt: d.SettledAt,
		}
	default:
		return p, false
	}
	d.Shortened = true
	p.Detail = d
	return p, true
}

// Account names the account that the event is about: the payment, or the fund payment itself while it has none.
func (d Detail) Account() string {
	if id, ok := AccountOf(d.ID); ok {
		return string(id)
	}
	return d.ID
}
