package payment

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
)

// storedFormat is the version of the form below. A reader refuses a newer one rather than lose what it cannot read.
const storedFormat = 1

// The stored form of an account: compact (about 500 bytes an operation), amounts as exact decimal texts of the account's
// one currency, absent members zero. Every store keeps exactly these bytes.
type (
	storedAccount struct {
		Format     int               `json:"f"`
		ID         AccountID         `json:"id"`
		Version    int64             `json:"v"`
		PaymentID  string            `json:"p,omitempty"`
		Currency   money.Currency    `json:"c,omitempty"`
		PaidAt     time.Time         `json:"pa,omitzero"`
		Charged    bool              `json:"ch,omitempty"`
		PreAuth    bool              `json:"pre,omitempty"`
		Lines      []storedLine      `json:"l,omitempty"`
		Operations []storedOperation `json:"o,omitempty"`
		Foreign    []storedForeign   `json:"x,omitempty"`
		ReadAt     time.Time         `json:"ra,omitzero"`
		Suspect    bool              `json:"su,omitempty"`
		FailedRead int               `json:"fr,omitempty"`
		ReadDueAt  time.Time         `json:"rd,omitzero"`
		RestoredAt time.Time         `json:"rt,omitzero"`
	}
	storedLine struct {
		ID     string          `json:"id"`
		ItemID string          `json:"i,omitempty"`
		Paid   decimal.Decimal `json:"p"`
	}
	storedForeign struct {
		TxID      string          `json:"id"`
		Cancel    bool            `json:"k,omitempty"`
		LineID    string          `json:"l,omitempty"`
		Amount    decimal.Decimal `json:"a"`
		Status    int             `json:"s"`
		CreatedAt time.Time       `json:"at,omitzero"`
		SeenIn    int64           `json:"se,omitempty"`
		Operation string          `json:"o,omitempty"`
	}
	storedOperation struct {
		ID          string          `json:"id"`
		Kind        Kind            `json:"k"`
		Key         string          `json:"key"`
		Fingerprint string          `json:"fp"`
		Amount      decimal.Decimal `json:"a"`
		LineID      string          `json:"l,omitempty"`
		Destination Destination     `json:"d,omitempty"`
		Allocation  Allocation      `json:"al,omitempty"`
		Reason      string          `json:"r,omitempty"`
		Reference   string          `json:"ref,omitempty"`
		ReturnURL   string          `json:"ret,omitempty"`
		Page        *storedPage     `json:"pg,omitempty"`
		Legs        []storedLeg     `json:"g,omitempty"`
		Attempts    int             `json:"n,omitempty"`
		Restored    bool            `json:"rs,omitempty"`
		Refusal     *Refusal        `json:"no,omitempty"`
		Resolution  *Resolution     `json:"rx,omitempty"`
		AcceptedIn  int64           `json:"ai,omitempty"`
		CreatedAt   time.Time       `json:"ca"`
		UpdatedAt   time.Time       `json:"ua"`
		SettledAt   time.Time       `json:"sa,omitzero"`
		DeadlineAt  time.Time       `json:"da,omitzero"`
		FollowUps   []time.Time     `json:"fu,omitempty"`
		Alarmed     bool            `json:"!,omitempty"`
		Fund        *storedFund     `json:"fund,omitempty"`
	}
	storedFund struct {
		Price         decimal.Decimal `json:"p"`
		PaymentID     string          `json:"id,omitempty"`
		PaymentStatus string          `json:"s,omitempty"`
		FraudStatus   *int            `json:"f,omitempty"`
		PaidAt        time.Time       `json:"pa,omitzero"`
		Lines         []storedLine    `json:"l,omitempty"`
		Seeded        bool            `json:"sd,omitempty"`
	}
	storedPage struct {
		SealedURL string    `json:"u,omitempty"`
		TokenHash string    `json:"h,omitempty"`
		Returned  []string  `json:"b,omitempty"`
		Since     time.Time `json:"s,omitzero"`
		Locale    string    `json:"l,omitempty"`
	}
	storedLeg struct {
		API         API             `json:"api"`
		LineID      string          `json:"l,omitempty"`
		Amount      decimal.Decimal `json:"a"`
		State       State           `json:"s"`
		Attempt     int             `json:"n,omitempty"`
		SendBy      time.Time       `json:"sb,omitzero"`
		DueAt       time.Time       `json:"du,omitzero"`
		Absences    int             `json:"ab,omitempty"`
		AbsentAt    time.Time       `json:"aa,omitzero"`
		ReviewSince time.Time       `json:"rv,omitzero"`
		FromFinal   bool            `json:"ff,omitempty"`
		Seen        bool            `json:"sn,omitempty"`
		Parts       []storedPart    `json:"pt,omitempty"`
		ClaimedTx   []string        `json:"tx,omitempty"`
		Proof       *storedProof    `json:"pr,omitempty"`
		Failure     *storedFailure  `json:"er,omitempty"`
	}
	storedProof struct {
		AuthCode            string `json:"a,omitempty"`
		HostReference       string `json:"h,omitempty"`
		RefundHostReference string `json:"r,omitempty"`
		CancelHostReference string `json:"c,omitempty"`
		RefundTxID          string `json:"x,omitempty"`
		SignatureVerified   bool   `json:"v,omitempty"`
	}
	storedFailure struct {
		Reason    string `json:"r,omitempty"`
		Code      string `json:"c,omitempty"`
		Message   string `json:"m,omitempty"`
		Group     string `json:"g,omitempty"`
		Retryable *bool  `json:"t,omitempty"`
	}
	storedPart struct {
		LineID string          `json:"l"`
		Amount decimal.Decimal `json:"a"`
	}
)

// EncodeAccount gives the bytes that a store keeps.
func EncodeAccount(a Account) ([]byte, error) {
	s := storedAccount{
		Format: storedFormat, ID: a.ID, Version: a.Version, PaymentID: a.PaymentID, Currency: a.Currency, PaidAt: a.PaidAt,
		Charged: a.Charged, PreAuth: a.PreAuth, ReadAt: a.ReportReadAt, Suspect: a.Suspect, FailedRead: a.FailedReads, ReadDueAt: a.ReadDueAt,
		RestoredAt: a.RestoredAt,
	}
	s.Lines = storeLines(a.Lines)
	for _, f := range a.Foreign {
		s.Foreign = append(s.Foreign, storedForeign{f.TxID, f.Cancel, f.LineID, f.Amount.Decimal(), f.Status, f.CreatedAt, f.SeenIn, f.OperationID})
	}
	for i := range a.Operations {
		s.Operations = append(s.Operations, storeOperation(&a.Operations[i]))
	}
	data, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode account %s: %w", a.ID, err)
	}
	return data, nil
}

// DecodeAccount reads what EncodeAccount wrote. It fails on a form that is newer than this program.
func DecodeAccount(data []byte) (Account, error) {
	var s storedAccount
	if err := json.Unmarshal(data, &s); err != nil {
		return Account{}, fmt.Errorf("decode account: %w", err)
	}
	if s.Format != storedFormat {
		return Account{}, fmt.Errorf("decode account %s: stored form %d, this program reads %d", s.ID, s.Format, storedFormat)
	}
	a := Account{
		ID: s.ID, Version: s.Version, PaymentID: s.PaymentID, Currency: s.Currency, PaidAt: s.PaidAt, Charged: s.Charged,
		PreAuth: s.PreAuth, ReportReadAt: s.ReadAt, Suspect: s.Suspect, FailedReads: s.FailedRead, ReadDueAt: s.ReadDueAt,
		RestoredAt: s.RestoredAt,
	}
	a.Lines = lines(s.Lines, s.Currency)
	for _, f := range s.Foreign {
		a.Foreign = append(a.Foreign, Foreign{f.TxID, f.Cancel, f.LineID, money.New(f.Amount, s.Currency), f.Status, f.CreatedAt, f.SeenIn, f.Operation})
	}
	for i := range s.Operations {
		a.Operations = append(a.Operations, s.Operations[i].operation(s.Currency))
	}
	return a, nil
}

func storeLines(lines []Line) []storedLine {
	var stored []storedLine
	for _, line := range lines {
		stored = append(stored, storedLine{line.ID, line.ItemID, line.PaidAmount.Decimal()})
	}
	return stored
}

func lines(stored []storedLine, c money.Currency) []Line {
	var all []Line
	for _, line := range stored {
		all = append(all, Line{line.ID, line.ItemID, money.New(line.Paid, c)})
	}
	return all
}

func storeOperation(o *Operation) storedOperation {
	s := storedOperation{
		ID: o.ID, Kind: o.Kind, Key: o.Key, Fingerprint: o.Fingerprint, Amount: o.Amount.Decimal(), LineID: o.LineID,
		Destination: o.Destination, Allocation: o.Allocation, Reason: o.Reason, Reference: o.Reference,
		ReturnURL: o.ReturnURL, Attempts: o.Attempts, Restored: o.Restored, Refusal: o.Refusal, Resolution: o.Resolution,
		AcceptedIn: o.AcceptedIn, CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt, SettledAt: o.SettledAt, DeadlineAt: o.DeadlineAt,
		FollowUps: o.FollowUps, Alarmed: o.Alarmed,
	}
	if p := o.Page; p.SealedURL != "" || p.TokenHash != "" || len(p.Returned) > 0 || !p.Since.IsZero() || p.Locale != "" {
		s.Page = (*storedPage)(&p)
	}
	if f := o.Fund; f != nil {
		m := f.Made
		s.Fund = &storedFund{f.PriceAmount.Decimal(), m.PaymentID, m.PaymentStatus, m.FraudStatus, m.PaidAt, storeLines(m.Lines), f.Seeded}
	}
	for _, l := range o.Legs {
		leg := storedLeg{
			API: l.API, LineID: l.LineID, Amount: l.Amount.Decimal(), State: l.State, Attempt: l.Attempt, SendBy: l.SendBy,
			DueAt: l.DueAt, Absences: l.Absences, AbsentAt: l.AbsentAt, ReviewSince: l.ReviewSince, FromFinal: l.FromFinal,
			Seen: l.Seen, ClaimedTx: l.ClaimedTx, Failure: (*storedFailure)(l.Failure),
		}
		if l.Proof != (Proof{}) {
			leg.Proof = (*storedProof)(&l.Proof)
		}
		for _, p := range l.Parts {
			leg.Parts = append(leg.Parts, storedPart{p.LineID, p.Amount.Decimal()})
		}
		s.Legs = append(s.Legs, leg)
	}
	return s
}

func (s *storedOperation) operation(c money.Currency) Operation {
	o := Operation{
		ID: s.ID, Kind: s.Kind, Key: s.Key, Fingerprint: s.Fingerprint, Amount: money.New(s.Amount, c), LineID: s.LineID,
		Destination: s.Destination, Allocation: s.Allocation, Reason: s.Reason, Reference: s.Reference,
		ReturnURL: s.ReturnURL, Attempts: s.Attempts, Restored: s.Restored, Refusal: s.Refusal, Resolution: s.Resolution,
		AcceptedIn: s.AcceptedIn, CreatedAt: s.CreatedAt, UpdatedAt: s.UpdatedAt, SettledAt: s.SettledAt, DeadlineAt: s.DeadlineAt,
		FollowUps: s.FollowUps, Alarmed: s.Alarmed,
	}
	if s.Page != nil {
		o.Page = CustomerPage(*s.Page)
	}
	if f := s.Fund; f != nil {
		made := MadePayment{f.PaymentID, f.PaymentStatus, f.FraudStatus, f.PaidAt, lines(f.Lines, c)}
		o.Fund = &Fund{money.New(f.Price, c), made, f.Seeded}
	}
	for _, l := range s.Legs {
		leg := Leg{
			API: l.API, LineID: l.LineID, Amount: money.New(l.Amount, c), State: l.State, Attempt: l.Attempt, SendBy: l.SendBy,
			DueAt: l.DueAt, Absences: l.Absences, AbsentAt: l.AbsentAt, ReviewSince: l.ReviewSince, FromFinal: l.FromFinal,
			Seen: l.Seen, ClaimedTx: l.ClaimedTx, Failure: (*Failure)(l.Failure),
		}
		if l.Proof != nil {
			leg.Proof = Proof(*l.Proof)
		}
		for _, p := range l.Parts {
			leg.Parts = append(leg.Parts, Part{p.LineID, money.New(p.Amount, c)})
		}
		o.Legs = append(o.Legs, leg)
	}
	return o
}
