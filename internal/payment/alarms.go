package payment

import (
	"context"
	"slices"
)

// Alarm is something that a person must hear of (I5, I7).
type Alarm struct {
	Kind        AlarmKind
	PaymentID   string
	OperationID string // empty for what no operation of ours explains
}

// AlarmKind says what the alarm is about. The words are stable: logs and metrics are counted by them.
type AlarmKind string

// The kinds of alarm.
const (
	AlarmNeedsReview  AlarmKind = "needs_review"     // an operation waits for a person
	AlarmContradicted AlarmKind = "contradicted"     // evidence against a definite outcome
	AlarmForeign      AlarmKind = "foreign_movement" // a refund or cancel that was not made through iade
)

// Alarms compares two images of one account, the newer one last. A foreign entry of the first snapshot is history, not an
// alarm.
func Alarms(old, next Account) []Alarm {
	var alarms []Alarm
	for i := range next.Operations {
		op := &next.Operations[i]
		before := old.Operation(op.ID)
		if op.Status() == StatusNeedsReview && (before == nil || before.Status() != StatusNeedsReview) {
			alarms = append(alarms, Alarm{AlarmNeedsReview, next.PaymentID, op.ID})
		}
		if op.Alarmed && (before == nil || !before.Alarmed) {
			alarms = append(alarms, Alarm{AlarmContradicted, next.PaymentID, op.ID})
		}
	}
	for _, f := range next.Foreign {
		known := slices.ContainsFunc(old.Foreign, func(o Foreign) bool { return o.key() == f.key() && o.counts() })
		if old.Version > 0 && f.counts() && !known {
			alarms = append(alarms, Alarm{AlarmForeign, next.PaymentID, f.OperationID})
		}
	}
	return alarms
}

// OnAlarm sets who is told of alarms, after the change that raises one was saved: at least once for each, save for a
// crash in between, after which the operation's status and the events still show it. It is set before first use.
func (s *Service) OnAlarm(tell func(context.Context, Alarm)) { s.tell = tell }

// OnChange sets who is told of every change of an account, after it was saved, with the image before and the new one, which
// are not to be changed. A crash in between loses the telling. It is set before first use.
func (s *Service) OnChange(tell func(ctx context.Context, old, next Account)) { s.changed = tell }

// announce tells of one saved change.
func (s *Service) announce(ctx context.Context, old, next Account) {
	if next.Version == old.Version {
		return
	}
	if s.changed != nil {
		s.changed(ctx, old, next)
	}
	if s.tell == nil {
		return
	}
	for _, alarm := range Alarms(old, next) {
		s.tell(ctx, alarm)
	}
}
