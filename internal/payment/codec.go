package payment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
)

// storedFormat is the version of the form below, and oldestFormat the oldest that is read: form 1 is form 2 without the
// operations that left the account. A reader refuses a newer one rather than lose what it cannot read. apartFormat is form 2 with the
// operations beside the account: a program that does not know of them refuses it, for without them it would pay them again.
const (
	storedFormat = 2
	oldestFormat = 1
	apartFormat  = 3
)

// The stored form of an account: compact (about 500 bytes an operation), amounts as exact decimal texts of the account's
// one currency, absent members zero. Every store keeps exactly these bytes; one that keeps the operations apart keeps the same in parts.
type (
	storedAccount struct {
		Format      int               `json:"f"`
		ID          AccountID         `json:"id"`
		Version     int64             `json:"v"`
		PaymentID   string            `json:"p,omitempty"`
		Currency    money.Currency    `json:"c,omitempty"`
		PaidAt      time.Time         `json:"pa,omitzero"`
		Charged     bool              `json:"ch,omitempty"`
		PreAuth     bool              `json:"pre,omitempty"`
		Lines       []storedLine      `json:"l,omitempty"`
		Operations  []storedOperation `json:"o,omitempty"`
		Apart       int               `json:"oa,omitempty"` // how many operations lie beside it
		Foreign     []storedForeign   `json:"x,omitempty"`
		ReadAt      time.Time         `json:"ra,omitzero"`
		Suspect     bool              `json:"su,omitempty"`
		FailedReads int               `json:"fr,omitempty"`
		ReadDueAt   time.Time         `json:"rd,omitzero"`
		Partial     bool              `json:"lp,omitempty"`
		RestoredAt  time.Time         `json:"rt,omitzero"`
		Past        []storedPast      `json:"h,omitempty"`
		PastRefunds []storedPart      `json:"hr,omitempty"`
		PastLegs    int               `json:"hl,omitempty"`
		Floor       int               `json:"nf,omitempty"`
		Author      *storedAuthor     `json:"by,omitempty"`
		Hint        Hint              `json:"hi,omitzero"`
	}
	storedAuthor struct {
		Actor       string    `json:"a,omitempty"`
		Via         string    `json:"v,omitempty"`
		OperationID string    `json:"o,omitempty"`
		At          time.Time `json:"at,omitzero"`
	}
	storedPast struct {
		Hash        string          `json:"h"`
		Kind        Kind            `json:"k"`
		Status      Status          `json:"s"`
		Fingerprint string          `json:"fp,omitempty"`
		Amount      decimal.Decimal `json:"a"`
		Refunded    decimal.Decimal `json:"m"`
		Attempts    int             `json:"n,omitempty"`
		Moved       []int           `json:"mv,omitempty"`
		Code        string          `json:"e,omitempty"`
		Ruled       bool            `json:"no,omitempty"`
		CreatedAt   time.Time       `json:"ca,omitzero"`
		SettledAt   time.Time       `json:"sa,omitzero"`
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
		Unnamed   bool            `json:"u,omitempty"`
		Assumed   bool            `json:"as,omitempty"`
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
		ChargedTo   ChargedTo       `json:"ct,omitempty"`
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
		AbsentSys   time.Time       `json:"as,omitzero"`
		ReviewSince time.Time       `json:"rv,omitzero"`
		FromFinal   bool            `json:"ff,omitempty"`
		Seen        bool            `json:"sn,omitempty"`
		Parts       []storedPart    `json:"pt,omitempty"`
		ClaimedTx   []string        `json:"tx,omitempty"`
		Proof       *storedProof    `json:"pr,omitempty"`
		Failure     *storedFailure  `json:"er,omitempty"`
		CountedOn   Day             `json:"on,omitempty"`
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

// DecodeAccount reads what EncodeAccount wrote. It fails on a form that is newer than this program, and on every state, kind,
// call, word or member that this program does not know: to drop one would be to forget a reservation (I4).
func DecodeAccount(data []byte) (Account, error) {
	var s storedAccount
	err := strictly(data, &s)
	if s.Format < oldestFormat || s.Format > storedFormat {
		err = fmt.Errorf("stored form %d, this program reads %d to %d", s.Format, oldestFormat, storedFormat)
	}
	return s.decoded(err)
}

// DecodeApart reads what EncodeApart and EncodeOperation wrote, and without operations what EncodeAccount wrote. It fails where
// DecodeAccount does, and unless exactly the operations that the account counts are there.
func DecodeApart(account []byte, operations [][]byte) (Account, error) {
	var s storedAccount
	err := strictly(account, &s)
	if s.Format != apartFormat && len(operations) == 0 {
		return DecodeAccount(account)
	}
	if err == nil && (s.Format != apartFormat || s.Apart != len(operations) || len(s.Operations) > 0) {
		err = fmt.Errorf("form %d with %d operations of its own counts %d beside it, and %d are there", s.Format, len(s.Operations), s.Apart, len(operations))
	}
	for i := range operations {
		var o storedOperation
		if err == nil {
			err = strictly(operations[i], &o)
		}
		s.Operations = append(s.Operations, o)
	}
	s.Apart = 0
	return s.decoded(err)
}

// strictly decodes one value, and refuses members that it does not know, and whatever follows.
func strictly(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil && len(bytes.TrimSpace(data[decoder.InputOffset():])) > 0 {
		err = errors.New("something follows it")
	}
	return err
}

// decoded is the account, unless reading it failed or it holds a word that this program does not know.
func (s *storedAccount) decoded(err error) (Account, error) {
	if err == nil && s.Apart != 0 {
		err = errors.New("its operations lie beside it")
	}
	if err == nil {
		err = s.understood()
	}
	if err != nil {
		return Account{}, fmt.Errorf("decode account %s: %w", s.ID, err)
	}
	a := Account{
		ID: s.ID, Version: s.Version, PaymentID: s.PaymentID, Currency: s.Currency, PaidAt: s.PaidAt, Charged: s.Charged,
		PreAuth: s.PreAuth, ReportReadAt: s.ReadAt, Suspect: s.Suspect, FailedReads: s.FailedReads, ReadDueAt: s.ReadDueAt,
		RestoredAt: s.RestoredAt, LinesPartial: s.Partial, PastRefunds: parts(s.PastRefunds, s.Currency), PastLegs: s.PastLegs, AttemptFloor: s.Floor, Hint: s.Hint,
	}
	for _, p := range s.Past {
		a.Past = append(a.Past, Past{
			p.Hash, p.Kind, p.Status, p.Fingerprint, money.New(p.Amount, s.Currency), money.New(p.Refunded, s.Currency), p.Attempts, p.Moved, p.Code,
			p.Ruled, p.CreatedAt, p.SettledAt,
		})
	}
	if s.Author != nil {
		a.Author = Author(*s.Author)
	}
	a.Lines = lines(s.Lines, s.Currency)
	for _, f := range s.Foreign {
		a.Foreign = append(a.Foreign, Foreign{f.TxID, f.Cancel, f.LineID, money.New(f.Amount, s.Currency), f.Status, f.CreatedAt, f.SeenIn, f.Unnamed, f.Assumed, f.Operation})
	}
	for i := range s.Operations {
		a.Operations = append(a.Operations, s.Operations[i].operation(s.Currency))
	}
	return a, nil
}

func lines(stored []storedLine, c money.Currency) []Line {
	var all []Line
	for _, line := range stored {
		all = append(all, Line{line.ID, line.ItemID, money.New(line.Paid, c)})
	}
	return all
}

func parts(stored []storedPart, c money.Currency) []Part {
	var all []Part
	for _, p := range stored {
		all = append(all, Part{p.LineID, money.New(p.Amount, c)})
	}
	return all
}

func (s *storedOperation) operation(c money.Currency) Operation {
	o := Operation{
		ID: s.ID, Kind: s.Kind, Key: s.Key, Fingerprint: s.Fingerprint, Amount: money.New(s.Amount, c), LineID: s.LineID,
		Destination: s.Destination, Allocation: s.Allocation, ChargedTo: s.ChargedTo, Reason: s.Reason, Reference: s.Reference,
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
			DueAt: l.DueAt, Absences: l.Absences, AbsentAt: l.AbsentAt, AbsentSystem: l.AbsentSys, ReviewSince: l.ReviewSince, FromFinal: l.FromFinal,
			Seen: l.Seen, ClaimedTx: l.ClaimedTx, Failure: (*Failure)(l.Failure), CountedOn: l.CountedOn,
		}
		if l.Proof != nil {
			leg.Proof = Proof(*l.Proof)
		}
		leg.Parts = parts(l.Parts, c)
		o.Legs = append(o.Legs, leg)
	}
	return o
}

// understood tells whether this program knows every word of a stored account. One that a newer program wrote may hold words
// whose meaning decides about money: it is refused as a whole.
func (s *storedAccount) understood() error {
	if s.Currency != "" && !s.Currency.Valid() {
		return unknownWord("currency", s.Currency)
	}
	for i := range s.Past {
		p := &s.Past[i]
		if !p.Kind.Known() || !p.Kind.spec().folds {
			return unknownWord("kind", p.Kind)
		}
		if !slices.Contains(pastStatuses, p.Status) {
			return unknownWord("status", p.Status)
		}
	}
	for i := range s.Operations {
		if err := s.Operations[i].understood(); err != nil {
			return fmt.Errorf("operation %s: %w", s.Operations[i].ID, err)
		}
	}
	return nil
}

// pastStatuses are the statuses in which an operation may leave the account.
var pastStatuses = []Status{StatusSucceeded, StatusPartiallySucceeded, StatusRejected, StatusNotExecuted}

func (s *storedOperation) understood() error {
	switch {
	case !s.Kind.Known():
		return unknownWord("kind", s.Kind)
	case !slices.Contains([]Destination{"", ToCard, ToBalance}, s.Destination):
		return unknownWord("destination", s.Destination)
	case !slices.Contains([]Allocation{AllocateNone, AllocateProportional, AllocateInOrder, AllocateByIyzico}, s.Allocation):
		return unknownWord("allocation", s.Allocation)
	case s.ChargedTo != "" && s.ChargedTo != ChargedToMerchant:
		return unknownWord("chargedTo", s.ChargedTo)
	case s.Refusal != nil && !recorded(s.Refusal.Code):
		return unknownWord("refusal", s.Refusal.Code)
	case s.Resolution != nil && s.Resolution.Decision != DecideSucceeded && s.Resolution.Decision != DecideNotExecuted:
		return unknownWord("decision", s.Resolution.Decision)
	}
	for i := range s.Legs {
		leg := &s.Legs[i]
		if !slices.Contains(s.Kind.spec().apis, leg.API) {
			return unknownWord("call of a "+string(s.Kind), leg.API)
		}
		if !slices.Contains(States(), leg.State) {
			return unknownWord("state", leg.State)
		}
	}
	return nil
}

func unknownWord[T ~string](what string, word T) error {
	return fmt.Errorf("this program does not know the %s %q", what, string(word))
}
