package payment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/iade/iade/internal/money"
)

// storedJSON writes the stored form that codec.go declares, byte for byte as encoding/json does (the golden file holds every
// member), but without looking each member up anew: an account is written with every save.
type storedJSON struct {
	data []byte
	err  error
}

// errYear is encoding/json's refusal of a time.
var errYear = errors.New("a time's year is not between 0 and 9999")

// begin opens an object or a list, and end closes it.
func (w *storedJSON) begin(bracket byte) { w.data = append(w.data, bracket) }

func (w *storedJSON) end(bracket byte) {
	if last := len(w.data) - 1; w.data[last] == ',' {
		w.data = w.data[:last]
	}
	w.data = append(w.data, bracket, ',')
}

// name begins a member. Names need no escapes.
func (w *storedJSON) name(name string) {
	w.data = append(w.data, '"')
	w.data = append(w.data, name...)
	w.data = append(w.data, '"', ':')
}

func (w *storedJSON) text(s string) {
	if unescaped(s) {
		w.data = append(w.data, '"')
		w.data = append(w.data, s...)
		w.data = append(w.data, '"', ',')
		return
	}
	w.json(s)
}

// unescaped tells whether a text stands in JSON as it is.
func unescaped(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func (w *storedJSON) number(n int64) { w.data = append(strconv.AppendInt(w.data, n, 10), ',') }

func (w *storedJSON) time(t time.Time) {
	if y := t.Year(); y < 0 || y > 9999 {
		w.err = errYear
	}
	w.data = append(w.data, '"')
	w.data = t.AppendFormat(w.data, time.RFC3339Nano)
	w.data = append(w.data, '"', ',')
}

// json writes what is rarely there.
func (w *storedJSON) json(v any) {
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		w.err = err
	}
	w.data = append(append(w.data, bytes.TrimSuffix(data.Bytes(), []byte("\n"))...), ',')
}

// The members below are left out where they are zero.

func textMember[T ~string](w *storedJSON, name string, s T) {
	if s != "" {
		w.name(name)
		w.text(string(s))
	}
}

func (w *storedJSON) numberMember(name string, n int64) {
	if n != 0 {
		w.name(name)
		w.number(n)
	}
}

func (w *storedJSON) flagMember(name string, set bool) {
	if set {
		w.name(name)
		w.data = append(w.data, "true,"...)
	}
}

func (w *storedJSON) timeMember(name string, t time.Time) {
	if !t.IsZero() {
		w.name(name)
		w.time(t)
	}
}

func listMember[T any](w *storedJSON, name string, list []T, element func(*storedJSON, *T)) {
	if len(list) == 0 {
		return
	}
	w.name(name)
	w.begin('[')
	for i := range list {
		element(w, &list[i])
	}
	w.end(']')
}

// amount writes an amount's exact decimal text.
func (w *storedJSON) amount(name string, a money.Amount) {
	w.name(name)
	w.text(a.Decimal().String())
}

// EncodeAccount gives the bytes that a store keeps.
func EncodeAccount(a Account) ([]byte, error) {
	return encoded(&a, storedFormat, len(a.Operations))
}

// EncodeApart gives the account without its operations, for a store that keeps them beside it: it writes only those that a save
// changed (EncodeOperation).
func EncodeApart(a Account) ([]byte, error) {
	return encoded(&a, apartFormat, 0)
}

// encoded gives the account in a form, with room for so many operations.
func encoded(a *Account, format, operations int) ([]byte, error) {
	w := &storedJSON{data: make([]byte, 0, 1024+768*operations)}
	w.account(a, format)
	if w.err != nil {
		return nil, fmt.Errorf("encode account %s: %w", a.ID, w.err)
	}
	return w.data[:len(w.data)-1], nil
}

// EncodeOperation gives the bytes of one operation.
func EncodeOperation(o Operation) ([]byte, error) {
	w := &storedJSON{data: make([]byte, 0, 768)}
	w.operation(&o)
	if w.err != nil {
		return nil, fmt.Errorf("encode operation %s: %w", o.ID, w.err)
	}
	return w.data[:len(w.data)-1], nil
}

func (w *storedJSON) account(a *Account, format int) {
	w.begin('{')
	w.name("f")
	w.number(int64(format))
	w.name("id")
	w.text(string(a.ID))
	w.name("v")
	w.number(a.Version)
	textMember(w, "p", a.PaymentID)
	textMember(w, "c", a.Currency)
	w.timeMember("pa", a.PaidAt)
	w.flagMember("ch", a.Charged)
	w.flagMember("pre", a.PreAuth)
	listMember(w, "l", a.Lines, (*storedJSON).line)
	if format == apartFormat {
		w.numberMember("oa", int64(len(a.Operations)))
	} else {
		listMember(w, "o", a.Operations, (*storedJSON).operation)
	}
	listMember(w, "x", a.Foreign, (*storedJSON).foreign)
	w.timeMember("ra", a.ReportReadAt)
	w.flagMember("su", a.Suspect)
	w.numberMember("fr", int64(a.FailedReads))
	w.timeMember("rd", a.ReadDueAt)
	w.flagMember("lp", a.LinesPartial)
	w.timeMember("rt", a.RestoredAt)
	listMember(w, "h", a.Past, (*storedJSON).past)
	listMember(w, "hr", a.PastRefunds, (*storedJSON).part)
	w.numberMember("hl", int64(a.PastLegs))
	w.numberMember("nf", int64(a.AttemptFloor))
	if by := a.Author; by != (Author{}) {
		w.name("by")
		w.begin('{')
		textMember(w, "a", by.Actor)
		textMember(w, "v", by.Via)
		textMember(w, "o", by.OperationID)
		w.timeMember("at", by.At)
		w.end('}')
	}
	if h := a.Hint; !h.IsZero() {
		w.name("hi")
		w.begin('{')
		w.timeMember("du", h.DueAt)
		w.timeMember("n", h.NextAt)
		w.timeMember("r", h.RetriedAt)
		listMember(w, "c", h.Codes, func(w *storedJSON, code *string) { w.text(*code) })
		w.end('}')
	}
	w.end('}')
}

func (w *storedJSON) line(l *Line) {
	w.begin('{')
	w.name("id")
	w.text(l.ID)
	textMember(w, "i", l.ItemID)
	w.amount("p", l.PaidAmount)
	w.end('}')
}

func (w *storedJSON) part(p *Part) {
	w.begin('{')
	w.name("l")
	w.text(p.LineID)
	w.amount("a", p.Amount)
	w.end('}')
}

func (w *storedJSON) foreign(f *Foreign) {
	w.json(storedForeign{f.TxID, f.Cancel, f.LineID, f.Amount.Decimal(), f.Status, f.CreatedAt, f.SeenIn, f.Unnamed, f.Assumed, f.OperationID})
}

func (w *storedJSON) past(p *Past) {
	w.json(storedPast{
		p.Hash, p.Kind, p.Status, p.Fingerprint, p.Amount.Decimal(), p.RefundedAmount.Decimal(), p.Attempts, p.Moved, p.Code, p.Ruled,
		p.CreatedAt, p.SettledAt,
	})
}

func (w *storedJSON) operation(o *Operation) {
	w.begin('{')
	w.name("id")
	w.text(o.ID)
	w.name("k")
	w.text(string(o.Kind))
	w.name("key")
	w.text(o.Key)
	w.name("fp")
	w.text(o.Fingerprint)
	w.amount("a", o.Amount)
	textMember(w, "l", o.LineID)
	textMember(w, "d", o.Destination)
	textMember(w, "al", o.Allocation)
	textMember(w, "ct", o.ChargedTo)
	textMember(w, "r", o.Reason)
	textMember(w, "ref", o.Reference)
	textMember(w, "ret", o.ReturnURL)
	if p := o.Page; p.SealedURL != "" || p.TokenHash != "" || len(p.Returned) > 0 || !p.Since.IsZero() || p.Locale != "" {
		w.name("pg")
		w.json(storedPage(p))
	}
	listMember(w, "g", o.Legs, (*storedJSON).leg)
	w.numberMember("n", int64(o.Attempts))
	w.flagMember("rs", o.Restored)
	if o.Refusal != nil {
		w.name("no")
		w.json(o.Refusal)
	}
	if o.Resolution != nil {
		w.name("rx")
		w.json(o.Resolution)
	}
	w.numberMember("ai", o.AcceptedIn)
	w.name("ca")
	w.time(o.CreatedAt)
	w.name("ua")
	w.time(o.UpdatedAt)
	w.timeMember("sa", o.SettledAt)
	w.timeMember("da", o.DeadlineAt)
	listMember(w, "fu", o.FollowUps, func(w *storedJSON, t *time.Time) { w.time(*t) })
	w.flagMember("!", o.Alarmed)
	if f := o.Fund; f != nil {
		w.name("fund")
		w.fund(f)
	}
	w.end('}')
}

func (w *storedJSON) fund(f *Fund) {
	m := f.Made
	w.begin('{')
	w.amount("p", f.PriceAmount)
	textMember(w, "id", m.PaymentID)
	textMember(w, "s", m.PaymentStatus)
	if m.FraudStatus != nil {
		w.name("f")
		w.number(int64(*m.FraudStatus))
	}
	w.timeMember("pa", m.PaidAt)
	listMember(w, "l", m.Lines, (*storedJSON).line)
	w.flagMember("sd", f.Seeded)
	w.end('}')
}

func (w *storedJSON) leg(l *Leg) {
	w.begin('{')
	w.name("api")
	w.text(string(l.API))
	textMember(w, "l", l.LineID)
	w.amount("a", l.Amount)
	w.name("s")
	w.text(string(l.State))
	w.numberMember("n", int64(l.Attempt))
	w.timeMember("sb", l.SendBy)
	w.timeMember("du", l.DueAt)
	w.numberMember("ab", int64(l.Absences))
	w.timeMember("aa", l.AbsentAt)
	w.timeMember("as", l.AbsentSystem)
	w.timeMember("rv", l.ReviewSince)
	w.flagMember("ff", l.FromFinal)
	w.flagMember("sn", l.Seen)
	listMember(w, "pt", l.Parts, (*storedJSON).part)
	listMember(w, "tx", l.ClaimedTx, func(w *storedJSON, id *string) { w.text(*id) })
	if p := l.Proof; p != (Proof{}) {
		w.name("pr")
		w.begin('{')
		textMember(w, "a", p.AuthCode)
		textMember(w, "h", p.HostReference)
		textMember(w, "r", p.RefundHostReference)
		textMember(w, "c", p.CancelHostReference)
		textMember(w, "x", p.RefundTxID)
		w.flagMember("v", p.SignatureVerified)
		w.end('}')
	}
	if l.Failure != nil {
		w.name("er")
		w.json((*storedFailure)(l.Failure))
	}
	textMember(w, "on", l.CountedOn)
	w.end('}')
}
