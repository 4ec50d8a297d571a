package metrics

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/pkg/iyzico"
)

// counted gives what was counted, by metric and dimensions' values: "Outcomes refund unknown" → "1".
func counted(t *testing.T, r *Recorder, out *bytes.Buffer) map[string]string {
	t.Helper()
	out.Reset()
	r.Flush("")
	all := map[string]string{}
	for _, line := range read(t, out.Bytes()) {
		for _, m := range All() {
			value, has := line[m.Name]
			if !has {
				continue
			}
			name := m.Name
			for _, d := range m.Dimensions {
				name += " " + line[d].(string)
			}
			text, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			all[name] = string(text)
		}
	}
	return all
}

func operation(id string, state payment.State) payment.Operation {
	created := time.Date(2031, 3, 10, 9, 0, 0, 0, time.UTC)
	return payment.Operation{
		ID: id, Kind: payment.KindRefund, CreatedAt: created, UpdatedAt: created.Add(90 * time.Second), Legs: []payment.Leg{{State: state}},
	}
}

func TestEveryOutcomeIsCountedOnce(t *testing.T) {
	t.Parallel()
	account := func(version int64, all ...payment.Operation) payment.Account {
		return payment.Account{Version: version, PaymentID: "1", Operations: all}
	}
	of := func(state payment.State) payment.Operation { return operation("rf_1_a", state) }
	contradicted := of(payment.StateNeedsReview)
	contradicted.Alarmed = true
	refused := payment.Operation{ID: "rf_1_b", Kind: payment.KindRefund, Refusal: &payment.Refusal{Code: payment.CodeExceedsRefundable}}
	panel := account(2, of(payment.StateSucceeded))
	panel.Foreign = []payment.Foreign{{TxID: "9", Status: 1, Amount: money.MinorUnits(100, money.TRY)}}
	retried := account(2, of(payment.StateRejected))
	retried.Hint.RetriedAt = time.Date(2031, 3, 10, 10, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		old, next payment.Account
		want      map[string]string
	}{
		"a refund tried again":     {account(1, of(payment.StateRejected)), retried, map[string]string{"RefundsRetried": "1"}},
		"told before":              {retried, retried, map[string]string{}},
		"marked":                   {account(0), account(1, of(payment.StateSending)), map[string]string{}},
		"answered at once":         {account(1, of(payment.StateSending)), account(2, of(payment.StateSucceeded)), map[string]string{"EventsDue": "1", "Outcomes refund succeeded": "1"}},
		"answer lost":              {account(1, of(payment.StateSending)), account(2, of(payment.StateUnknown)), map[string]string{"EventsDue": "1", "Outcomes refund unknown": "1"}},
		"still unknown":            {account(1, of(payment.StateUnknown)), account(2, of(payment.StateUnknown)), map[string]string{}},
		"settled":                  {account(1, of(payment.StateUnknown)), account(2, of(payment.StateSucceeded)), map[string]string{"EventsDue": "1", "Outcomes refund succeeded": "1", "SettleTime refund": "90"}},
		"given up":                 {account(1, of(payment.StateUnknown)), account(2, of(payment.StateNeedsReview)), map[string]string{"EventsDue": "1", "Outcomes refund needs_review": "1"}},
		"decided":                  {account(1, of(payment.StateNeedsReview)), account(2, of(payment.StateNotExecuted)), map[string]string{"EventsDue": "1", "Outcomes refund not_executed": "1", "SettleTime refund": "90"}},
		"not sent":                 {account(1, of(payment.StateSending)), account(2, of(payment.StateNotSent)), map[string]string{"Outcomes refund not_sent": "1"}},
		"refused by a rule":        {account(1), account(2, refused), map[string]string{"EventsDue": "1", "Outcomes refund rejected": "1"}},
		"evidence against an end":  {account(1, of(payment.StateRejected)), account(2, contradicted), map[string]string{"EventsDue": "1", "Outcomes refund needs_review": "1", "Contradicted": "1"}},
		"a refund from the panel":  {account(1, of(payment.StateSucceeded)), panel, map[string]string{"PanelRefunds": "1"}},
		"the same panel refund":    {panel, panel, map[string]string{}},
		"one that was there first": {account(0), panel, map[string]string{"EventsDue": "1", "Outcomes refund succeeded": "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, out := recorded(func(r *Recorder) { r.Changed(t.Context(), c.old, c.next) })
			if diff := cmp.Diff(c.want, counted(t, r, out)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// stub is every port; err is what they answer.
type stub struct {
	ingress.Service
	err      error
	result   payment.Result
	answered payment.Answered
	verifies bool
}

func (s stub) Load(context.Context, payment.AccountID) (payment.Account, error) {
	return payment.Account{}, s.err
}
func (s stub) Save(context.Context, payment.Account) error { return s.err }
func (s stub) Open(context.Context, time.Time, string, int) ([]payment.AccountID, string, error) {
	return nil, "", s.err
}
func (s stub) Send(context.Context, payment.Call) payment.Answered { return s.answered }
func (s stub) Read(context.Context, payment.Query) (payment.Report, error) {
	return payment.Report{}, s.err
}
func (s stub) ReadDay(context.Context, payment.DayQuery) (payment.DayList, error) {
	return payment.DayList{}, s.err
}
func (s stub) Request(context.Context, payment.Command, time.Time, payment.Recording) (payment.Result, error) {
	return s.result, s.err
}
func (s stub) Return(context.Context, string, string) (payment.Resource, error) {
	return payment.Resource{}, s.err
}

func (s stub) Hint(context.Context, payment.Notice) (bool, error) { return s.verifies, s.err }

// stubNotices reads notices.
type stubNotices struct{ stub }

func (s stubNotices) Read(context.Context, []byte, string) (payment.Notice, bool, error) {
	return payment.Notice{}, s.verifies, s.err
}

// stubPages is the rest of them.
type stubPages struct {
	ingress.Pages
	stub
}

func (s stubPages) Open(context.Context, string, string) (string, error) { return "", s.err }

func (s stubPages) Verify(context.Context, string, time.Time) (string, bool, error) {
	return "", s.verifies, s.err
}

func TestTheDecoratorsCountWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	code := func(c payment.Code) error { return &payment.Error{Code: c} }
	failed := func(reason string) stub {
		return stub{answered: payment.Answered{Failure: &payment.Failure{Reason: reason}}}
	}
	load := func(r *Recorder, s stub) { _, _ = r.Store(s).Load(t.Context(), "") }
	save := func(r *Recorder, s stub) { _ = r.Store(s).Save(t.Context(), payment.Account{}) }
	list := func(r *Recorder, s stub) { _, _, _ = r.Store(s).Open(t.Context(), time.Time{}, "", 1) }
	send := func(r *Recorder, s stub) { r.Gateway(s).Send(t.Context(), payment.Call{}) }
	read := func(r *Recorder, s stub) { _, _ = r.Gateway(s).Read(t.Context(), payment.Query{}) }
	ask := func(r *Recorder, s stub) {
		_, _ = r.Service(s).Request(t.Context(), payment.Command{Kind: payment.KindCancel}, time.Time{}, payment.RecordNone)
	}
	back := func(r *Recorder, s stub) { _, _ = r.Service(s).Return(t.Context(), "", "") }
	verify := func(r *Recorder, s stub) { _, _, _ = r.Pages(stubPages{stub: s}).Verify(t.Context(), "", time.Time{}) }
	note := func(r *Recorder, s stub) { _, _, _ = r.Notices(stubNotices{s}).Read(t.Context(), nil, "") }
	hint := func(r *Recorder, s stub) { _, _ = r.Service(s).Hint(t.Context(), payment.Notice{}) }
	away := errors.New("away")
	for name, c := range map[string]struct {
		do   func(*Recorder, stub)
		s    stub
		want string
	}{
		"a load":                         {load, stub{}, ""},
		"a load that fails":              {load, stub{err: away}, "StoreErrors refund"},
		"a save that lost a race":        {save, stub{err: fmt.Errorf("save: %w", payment.ErrConflict)}, "StoreConflicts refund"},
		"a save that fails":              {save, stub{err: away}, "StoreErrors refund"},
		"a list that fails":              {list, stub{err: away}, "StoreErrors refund"},
		"a caller's wrong cursor":        {list, stub{err: code(payment.CodeInvalidRequest)}, ""},
		"a call":                         {send, stub{}, ""},
		"a call over the limit":          {send, failed(payment.ReasonRateLimited), "RateLimitWaits refund"},
		"a call with refused keys":       {send, failed(iyzico.ReasonCredentials), "KeysRefused"},
		"a call without keys":            {send, failed(payment.ReasonKeysUnreadable), "KeysRefused"},
		"a call that failed otherwise":   {send, failed("timeout"), ""},
		"a read":                         {read, stub{}, ""},
		"a read over the limit":          {read, stub{err: code(payment.CodeRateLimited)}, "RateLimitWaits refund"},
		"a read without keys":            {read, stub{err: &payment.Error{Code: payment.CodeUnavailable, Cause: psp.ErrKeysUnreadable}}, "KeysRefused"},
		"a read with refused keys":       {read, stub{err: &payment.Error{Code: payment.CodeUnavailable, Cause: &iyzico.Error{Reason: iyzico.ReasonCredentials}}}, "KeysRefused"},
		"a read that fails":              {read, stub{err: code(payment.CodeUnavailable)}, ""},
		"a first answer":                 {ask, stub{result: payment.Result{Sent: true}}, ""},
		"an answer that was known":       {ask, stub{result: payment.Result{Known: true}}, "DuplicatesAnswered cancel"},
		"a known one that went on":       {ask, stub{result: payment.Result{Known: true, Sent: true}}, ""},
		"the same in progress":           {ask, stub{err: code(payment.CodeInProgress)}, "DuplicatesAnswered cancel"},
		"a key of another request":       {ask, stub{err: code(payment.CodeKeyReused)}, "DuplicatesAnswered cancel"},
		"a refusal":                      {ask, stub{err: code(payment.CodeExceedsRefundable)}, ""},
		"a return":                       {back, stub{}, ""},
		"a return with another token":    {back, stub{err: code(payment.CodeNotFound)}, "CallbacksRefused"},
		"a return while the store's out": {back, stub{err: code(payment.CodeUnavailable)}, ""},
		"a notice that verifies":         {note, stub{verifies: true}, "NoticesVerified"},
		"a notice that does not":         {note, stub{}, "NoticesRefused"},
		"a notice without keys":          {note, stub{err: psp.ErrKeysUnreadable}, "KeysRefused"},
		"a notice that is taken":         {hint, stub{verifies: true}, "HintsTaken"},
		"a notice that is not":           {hint, stub{}, ""},
		"a state":                        {verify, stub{verifies: true}, ""},
		"a state that is forged":         {verify, stub{}, "CallbacksRefused"},
		"a state while the key is out":   {verify, stub{err: away}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, out := recorded(func(r *Recorder) { c.do(r, c.s) })
			got := strings.Join(slices.Collect(maps.Keys(counted(t, r, out))), ", ")
			if got != c.want {
				t.Errorf("counted %q, want %q", got, c.want)
			}
		})
	}
}

// TestTheUseOfALimitIsAPercentage: a command that does not fit makes it full, whatever is left.
func TestTheUseOfALimitIsAPercentage(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := New("iade/stack", "refund", &out, func() time.Time { return written })
	use := payment.LimitUse{Limit: payment.LimitRefundsPerHour, Used: decimal.NewFromInt(4), Most: decimal.NewFromInt(5)}
	r.Used(t.Context(), use, false)
	if got := counted(t, r, &out); got["LimitUsed"] != "80" {
		t.Errorf("%v", got)
	}
	r.Used(t.Context(), use, true)
	if got := counted(t, r, &out); got["LimitUsed"] != "100" {
		t.Errorf("%v", got)
	}
}
