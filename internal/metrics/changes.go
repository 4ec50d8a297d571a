package metrics

import (
	"context"
	"time"

	"github.com/iade/iade/internal/payment"
)

// Changed counts one saved change of an account. It is what payment.Service.OnChange takes.
func (r *Recorder) Changed(_ context.Context, old, next payment.Account) {
	if r == nil {
		return
	}
	for i := range next.Operations {
		op := &next.Operations[i]
		status, before := op.Status(), payment.StatusProcessing
		if was := old.Operation(op.ID); was != nil {
			before = was.Status()
		}
		if status == before || status == payment.StatusProcessing {
			continue
		}
		r.Count(Outcomes, string(op.Kind), string(status))
		if status != payment.StatusNotSent { // it is no event
			r.Count(EventsDue)
		}
		if before != payment.StatusProcessing && before.Unfinished() && !status.Unfinished() {
			r.Add(SettleTime, int64(op.UpdatedAt.Sub(op.CreatedAt)/time.Second), string(op.Kind))
		}
	}
	for _, alarm := range payment.Alarms(old, next) {
		switch alarm.Kind {
		case payment.AlarmContradicted:
			r.Count(Contradicted)
		case payment.AlarmForeign:
			r.Count(PanelRefunds)
		case payment.AlarmNeedsReview: // counted where it stands, by Rounds, and among the outcomes
		}
	}
}
