package safety

import (
	"time"

	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// timeout is how long either service waits for iyzico, and settleWindow is iade's SETTLE_WINDOW. iyzico works on nothing
// for longer than the window, which is what the window means.
const (
	timeout      = 3 * time.Second
	settleWindow = 3 * time.Second
)

// Mode is one way in which refunds go wrong.
type Mode struct {
	// Name says what happens, as the score's tables show it.
	Name string
	// Fault is what happens at iyzico to the first requests of a batch, as many as the batch has refunds. An empty Mode is
	// no fault.
	Fault iyzicotest.Fault
	// Always makes the fault hit every request.
	Always bool
	// Lag is how much later iyzico's report shows what happened.
	Lag time.Duration
	// Kill ends the service like kill -9 while iyzico has the requests, and starts it again on its folder.
	Kill bool
	// Twice: the obvious service moves money twice here. A comparison in which it does not proves nothing.
	Twice bool
	// Minute makes the fault hit one request only, the first of all: iade then sends nothing before the next minute of
	// iyzico's limit.
	Minute bool
	// Usual modes belong to every test run; the others to make safety.
	Usual bool
}

// fault is what to script for a batch; false if nothing.
func (m Mode) fault(firstBatch bool, refunds int) (iyzicotest.Fault, bool) {
	f := m.Fault
	switch {
	case m.Minute:
		f.Times = 1
		return f, firstBatch
	case m.Always:
		f.Times = 0
	default:
		f.Times = refunds
	}
	return f, f.Mode != ""
}

// Modes are the faults of docs/fake.md, and killed processes, in the order of the tables.
//
// refuse-after is a bank's time-out (10219) on a refund that was done. With a code that iyzico documents as a decline
// (10051) nobody can know better at that moment: iade answers rejected, and reads the report before the next send on that
// payment, after 1 h and after 24 h, so that it ends with a person (TestEvidenceAgainstADefiniteNoNeedsAPerson).
func Modes() []Mode {
	fault := func(mode string) iyzicotest.Fault { return iyzicotest.Fault{Path: "*", Mode: mode} }
	late := fault(iyzicotest.FaultLate)
	late.DelayMS = time.Second.Milliseconds()
	slow := fault(iyzicotest.FaultSlow)
	slow.DelayMS = (timeout + time.Second).Milliseconds()
	refuseAfter := fault(iyzicotest.FaultRefuseAfter)
	refuseAfter.ErrorCode = "10219"
	return []Mode{
		{Name: "nothing", Usual: true},
		{Name: "connection reset, not done", Fault: fault(iyzicotest.FaultResetBefore)},
		{Name: "connection reset, done", Fault: fault(iyzicotest.FaultResetAfter), Twice: true, Usual: true},
		{Name: "connection reset, done, the report a second behind", Fault: fault(iyzicotest.FaultResetAfter), Lag: time.Second, Twice: true},
		{Name: "connection reset, done, every time", Fault: fault(iyzicotest.FaultResetAfter), Always: true, Twice: true},
		{Name: "connection reset, done a second later", Fault: late, Twice: true},
		{Name: "no answer, not done", Fault: fault(iyzicotest.FaultHangBefore), Usual: true},
		{Name: "no answer, done", Fault: fault(iyzicotest.FaultHangAfter), Twice: true},
		{Name: "done, answered after the time-out", Fault: slow, Twice: true},
		{Name: "HTTP 500, not done", Fault: fault(iyzicotest.FaultStatus500Before)},
		{Name: "HTTP 500, done", Fault: fault(iyzicotest.FaultStatus500After), Twice: true, Usual: true},
		{Name: "gateway's HTML 502, not done", Fault: fault(iyzicotest.FaultHTML502)},
		{Name: "half an answer, done", Fault: fault(iyzicotest.FaultTruncatedAfter), Twice: true},
		{Name: "answer with a wrong signature, done", Fault: fault(iyzicotest.FaultBadSignature)},
		{Name: "answer without ids, done", Fault: fault(iyzicotest.FaultMissingEcho)},
		{Name: "answer with another refund's ids, done", Fault: fault(iyzicotest.FaultWrongEcho)},
		{Name: "declined by the bank (10051)", Fault: fault(iyzicotest.FaultRefuse)},
		{Name: "the bank timed out (10219), done", Fault: refuseAfter, Twice: true, Usual: true},
		{Name: "over iyzico's limit (50000)", Fault: fault(iyzicotest.FaultRateLimit), Minute: true},
		{Name: "service killed, not done", Fault: fault(iyzicotest.FaultHangBefore), Kill: true},
		{Name: "service killed, done", Fault: fault(iyzicotest.FaultHangAfter), Kill: true, Twice: true, Usual: true},
	}
}
