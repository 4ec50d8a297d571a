package payment

import (
	"reflect"
	"slices"
	"time"
)

// Record is one change of one operation as one save made it: a line of the journal. It holds nothing that names a person
// (I9). The same two images give the same records, so a repeat can be told from a change: account, Sequence and Index name
// a record for good.
type Record struct {
	Account     AccountID `json:"account"`
	PaymentID   string    `json:"paymentId,omitempty"`
	OperationID string    `json:"operationId"`
	Kind        Kind      `json:"kind"`
	// Sequence is that of the save's events: it rises with every save of the account, past a restore of the table too.
	Sequence int64     `json:"sequence"`
	Index    int       `json:"index"` // among the records of the save, from 0
	At       time.Time `json:"at"`
	From     string    `json:"from"` // empty where the operation, or the leg, begins
	To       string    `json:"to"`
	// Leg is the leg's number, from 1; From and To are then its states. 0 = the operation, whose statuses they are.
	Leg      int             `json:"leg,omitempty"`
	Actor    string          `json:"actor"`
	Evidence *RecordEvidence `json:"evidence,omitempty"`
	Movement *Movement       `json:"movement,omitempty"` // where the change says that money moved

	// Operation is the whole operation after the save. The journal keeps the newest one of each beside the records.
	Operation Resource `json:"-"`
}

// RecordEvidence is what a change rests on. Absent members were not given.
type RecordEvidence struct {
	ConversationID      string      `json:"conversationId,omitempty"` // of the attempt that the change is about
	RefundTxID          string      `json:"refundTxId,omitempty"`     // the entry of iyzico's report
	AuthCode            string      `json:"authCode,omitempty"`
	HostReference       string      `json:"hostReference,omitempty"`
	RefundHostReference string      `json:"refundHostReference,omitempty"`
	CancelHostReference string      `json:"cancelHostReference,omitempty"`
	SignatureVerified   bool        `json:"signatureVerified,omitempty"`
	Reason              string      `json:"reason,omitempty"` // iade's word for why an attempt did not succeed
	ErrorCode           string      `json:"errorCode,omitempty"`
	ErrorGroup          string      `json:"errorGroup,omitempty"`
	ReportReadAt        time.Time   `json:"reportReadAt,omitzero"` // the report that was read for this change
	Absences            int         `json:"absences,omitempty"`    // complete reports, so far, that did not list the attempt
	Claimed             []string    `json:"claimed,omitempty"`     // entries made past iade that a decision took for this operation
	Lines               []LineMoved `json:"lines,omitempty"`       // the lines that iyzico chose
	Rule                Code        `json:"rule,omitempty"`        // the rule that refused a queue's command
	Decision            Decision    `json:"decision,omitempty"`    // a person's
	Via                 string      `json:"via,omitempty"`         // the principal whose request brought the decision
	Contradicted        bool        `json:"contradicted,omitempty"`
	FromReport          bool        `json:"fromReport,omitempty"` // the operation was taken over from iyzico's report after a restore
	RestoredAt          time.Time   `json:"restoredAt,omitzero"`  // first change since the table was restored: earlier records may tell of saves that it forgot
}

// LineMoved is what a refund took from one line.
type LineMoved struct {
	PaymentTransactionID string `json:"paymentTransactionId"`
	Amount               string `json:"amount"`
}

// Movement is money that one leg moved, or that it is no longer held to have moved.
type Movement struct {
	// At is when it moved, as near as is known: when the answer came, and never after the attempt's deadline.
	At                   time.Time `json:"at"`
	PaymentTransactionID string    `json:"paymentTransactionId,omitempty"`
	Amount               string    `json:"amount"`
	Currency             string    `json:"currency"`
	ConversationID       string    `json:"conversationId,omitempty"`
	ChargedTo            ChargedTo `json:"chargedTo,omitempty"` // who pays for it, where the caller said so
	TakenBack            bool      `json:"takenBack,omitempty"` // an earlier Movement of the leg counts no more
}

// Records compares two images of one account, the newer one last, and gives every change of its operations, in the order
// in which they stand there. Nothing that only says when iyzico is read next is a change. An operation that left the account
// for want of room did not change.
func Records(old, next Account) []Record {
	var records []Record
	for i := range next.Operations {
		if next.SameOperation(&old, i) {
			continue
		}
		op := &next.Operations[i]
		before := old.Operation(op.ID)
		if before == nil {
			before = &Operation{}
		}
		changed := op.records(before)
		if len(changed) == 0 {
			continue
		}
		shown := op.Resource(next.PaymentID)
		for _, r := range changed {
			r.Account, r.PaymentID, r.OperationID, r.Kind = next.ID, shown.PaymentID, op.ID, op.Kind
			r.Sequence, r.Index, r.At = next.sequence(), len(records), next.Author.At
			if r.At.IsZero() {
				r.At = op.UpdatedAt
			}
			r.At = shownTime(r.At)
			r.locate(op)
			r.Operation = shown
			actor, via := next.Author.of(op.ID)
			r.Actor = actor
			if r.Evidence.Decision != "" {
				r.Evidence.Via = via
			}
			if !next.ReportReadAt.Equal(old.ReportReadAt) {
				r.Evidence.ReportReadAt = shownTime(next.ReportReadAt)
			}
			if !next.RestoredAt.Equal(old.RestoredAt) {
				r.Evidence.RestoredAt = shownTime(next.RestoredAt)
			}
			if reflect.DeepEqual(*r.Evidence, RecordEvidence{}) {
				r.Evidence = nil
			}
			records = append(records, r)
		}
	}
	return records
}

// records are the changes of one operation. Evidence is set in each.
func (o *Operation) records(old *Operation) []Record {
	var records []Record
	for j := range o.Legs {
		leg, before := &o.Legs[j], &Leg{}
		if j < len(old.Legs) {
			before = &old.Legs[j]
		}
		if !leg.differs(before) {
			continue
		}
		records = append(records, Record{
			From: string(before.State), To: string(leg.State), Leg: j + 1,
			Evidence: leg.evidence(before, o.ID), Movement: leg.movement(before, o.ID),
		})
	}
	for j := len(o.Legs); j < len(old.Legs); j++ { // planned, and planned otherwise before it was sent
		records = append(records, Record{From: string(old.Legs[j].State), To: string(StateNotExecuted), Leg: j + 1, Evidence: &RecordEvidence{}})
	}
	from := Status("")
	if old.ID != "" {
		from = old.Status()
	}
	evidence, said := o.evidence(old)
	whole := Record{From: string(from), To: string(o.Status()), Evidence: evidence}
	if len(o.Legs) == 1 && len(records) == 1 && len(old.Legs) <= 1 {
		// One leg is the operation: one record tells both.
		whole.Evidence, whole.Movement = records[0].Evidence.with(*whole.Evidence), records[0].Movement
		return []Record{whole}
	}
	if from == o.Status() && !said {
		return records
	}
	return append(records, whole)
}

// locate sets what a movement takes from the record: a time that the attempt bounds.
func (r *Record) locate(op *Operation) {
	if r.Movement == nil {
		return
	}
	leg := &op.Legs[max(r.Leg, 1)-1] // a leg with a movement is there
	r.Movement.At = r.At
	if !leg.SendBy.IsZero() && leg.SendBy.Before(r.At) && leg.API != APIBalanceInit {
		r.Movement.At = shownTime(leg.SendBy)
	}
}

// differs tells whether anything changed that a reader of the journal would call a change.
func (l *Leg) differs(old *Leg) bool {
	return l.State != old.State || l.Attempt != old.Attempt || l.Absences > old.Absences || l.Seen != old.Seen || l.Proof != old.Proof ||
		len(l.Parts) != len(old.Parts) || !slices.Equal(l.ClaimedTx, old.ClaimedTx)
}

func (l *Leg) evidence(old *Leg, operationID string) *RecordEvidence {
	e := &RecordEvidence{Claimed: slices.Clone(l.ClaimedTx)}
	if l.Attempt > 0 {
		e.ConversationID = ConversationID(operationID, l.Attempt)
	}
	if p := l.Proof; p != old.Proof {
		e.RefundTxID, e.AuthCode, e.HostReference, e.RefundHostReference = p.RefundTxID, p.AuthCode, p.HostReference, p.RefundHostReference
		e.CancelHostReference, e.SignatureVerified = p.CancelHostReference, p.SignatureVerified
	}
	if f := l.Failure; f != nil && l.State != StateSucceeded {
		e.Reason, e.ErrorCode, e.ErrorGroup = f.Reason, f.Code, f.Group
	}
	if l.Absences > old.Absences {
		e.Absences = l.Absences
	}
	for _, part := range l.Parts {
		e.Lines = append(e.Lines, LineMoved{part.LineID, part.Amount.String()})
	}
	return e
}

func (l *Leg) movement(old *Leg, operationID string) *Movement {
	if l.moved() == old.moved() {
		return nil
	}
	m := &Movement{
		PaymentTransactionID: l.LineID, Amount: l.Amount.String(), Currency: string(l.Amount.Currency()), ChargedTo: l.chargedTo(),
		TakenBack: old.moved(),
	}
	if l.Attempt > 0 {
		m.ConversationID = ConversationID(operationID, l.Attempt)
	}
	return m
}

// evidence is what the operation as a whole has that it had not before, and whether that is anything.
func (o *Operation) evidence(old *Operation) (e *RecordEvidence, said bool) {
	e = &RecordEvidence{Contradicted: o.Alarmed && !old.Alarmed, FromReport: o.Restored && !old.Restored}
	if o.Refusal != nil && old.Refusal == nil {
		e.Rule = o.Refusal.Code
	}
	if x := o.Resolution; x != nil && (old.Resolution == nil || *old.Resolution != *x) {
		e.Decision = x.Decision
	}
	return e, e.Contradicted || e.FromReport || e.Rule != "" || e.Decision != ""
}

// with adds what the operation as a whole says to what its leg says.
func (e *RecordEvidence) with(whole RecordEvidence) *RecordEvidence {
	e.Rule, e.Decision, e.Contradicted, e.FromReport = whole.Rule, whole.Decision, whole.Contradicted, whole.FromReport
	return e
}

// SchemaVersion is the version of the events' form.
const SchemaVersion = 1

// EventSource is the `source` of every event that iade publishes.
const EventSource = "iade"

// Change is one event to publish (I8). Consumers drop repeats by the resource's id and Sequence.
type Change struct {
	DetailType string
	Detail     Detail
}

// Detail is the event's body: the resource, the account's version of that write (after a restore of the table a larger
// number, never a smaller one) and the caller's key.
type Detail struct {
	Resource
	SchemaVersion  int    `json:"schemaVersion"`
	Sequence       int64  `json:"sequence"`
	IdempotencyKey string `json:"idempotencyKey"`
	// Shortened says that the bus could not carry the whole resource: what is missing is read by GET.
	Shortened bool `json:"shortened,omitempty"`
}

// Changes compares two images of one account, the newer one last, and gives an event for every operation whose status
// became another one that is published. It is the outbox: the stores only keep the images.
func Changes(old, next Account) []Change {
	before := make(map[string]Status, len(old.Operations))
	for i := range old.Operations {
		before[old.Operations[i].ID] = old.Operations[i].Status()
	}
	var changes []Change
	for i := range next.Operations {
		op := &next.Operations[i]
		status := op.Status()
		if before[op.ID] == status || !status.Published() {
			continue
		}
		changes = append(changes, Change{
			DetailType: string(op.Kind) + "." + string(status),
			Detail:     Detail{Resource: op.Resource(next.PaymentID), SchemaVersion: SchemaVersion, Sequence: next.sequence(), IdempotencyKey: op.Key},
		})
	}
	return changes
}
