package reports_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/pkg/iyzico"
)

// iyzicoSays is an iyzico whose report is the text that a test put there.
type iyzicoSays struct {
	report, detail string
	now            time.Time
	gateway        *psp.Gateway
	known          map[string]payment.State // how stories end whose reports are read alike
}

// RoundTrip answers a request.
func (i *iyzicoSays) RoundTrip(r *http.Request) (*http.Response, error) {
	body := i.report
	if strings.HasSuffix(r.URL.Path, "/payment/detail") {
		body = i.detail
	}
	body = strings.ReplaceAll(body, clockMark, fmt.Sprint(i.now.UnixMilli()))
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

func newIyzico(t testing.TB) *iyzicoSays {
	t.Helper()
	i := &iyzicoSays{now: noon, known: map[string]payment.State{}, detail: `{"status":"failure","errorCode":"5087","errorMessage":"no such payment"}`}
	client, err := iyzico.New(iyzico.Config{BaseURL: iyzico.SandboxURL, APIKey: "a", SecretKey: "s"}, iyzico.WithTransport(i))
	if err != nil {
		t.Fatal(err)
	}
	i.gateway = psp.New(client, slog.New(slog.NewTextHandler(io.Discard, nil)), func() time.Time { return i.now })
	return i
}

// read is what iade makes of the report at a moment.
func (i *iyzicoSays) read(at time.Time, q payment.Query) (payment.Report, error) {
	i.now = at
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	q.Deadline = time.Now().Add(time.Minute)
	return i.gateway.Read(ctx, q)
}

var rules = payment.Rules{SettleWindow: window, SendTimeout: 20 * time.Second, BalanceExpiry: 24 * time.Hour}

// lost is the account of a scenario after the attempt's answer was lost.
func (s *scenario) lost(t testing.TB, i *iyzicoSays) payment.Account {
	t.Helper()
	i.report = s.report(t, entries{refunds: map[int][]string{}}).String()
	first, err := i.read(noon, payment.Query{PaymentID: paymentID})
	if err != nil {
		t.Fatal(err)
	}
	account := payment.Account{ID: payment.PaymentAccount(paymentID)}
	account, call, err := rules.Decide(account, payment.Requested{Command: s.command, Until: noon.Add(27 * time.Second), Report: &first}, noon)
	for n := range s.done + 1 {
		if err != nil || call == nil {
			t.Fatalf("nothing was sent: %v", err)
		}
		answer := payment.Answered{Call: *call, Verdict: payment.VerdictSucceeded}
		if n == s.done {
			answer.Verdict = payment.VerdictUnknown
		}
		account, call, err = rules.Decide(account, answer, noon.Add(time.Second))
	}
	return account
}

// step is a story in which iyzico is read until an operation's leg has an end.
type step struct {
	account payment.Account
	leg     int
	text    string
	query   payment.Query
	rows    []payment.DayRow
	open    func(payment.State) bool // states from which it goes on
}

func isUnknown(s payment.State) bool { return s == payment.StateUnknown }

// follow reads a report, and day lists where they are needed, until the leg has an end. What is read alike ends alike, so it
// is played once.
func (i *iyzicoSays) follow(t testing.TB, s step) payment.State {
	t.Helper()
	i.report = s.text
	now := dueAfter(s.account, noon)
	first, err := i.look(now, s.query)
	if strings.Count(s.text, clockMark) != 1 {
		return i.play(t, s, func(at time.Time) (payment.Report, error) { return i.look(at, s.query) })
	}
	key := fmt.Sprintf("%p %d %v %t %s", s.account.Operations, len(s.rows), err == nil, first.Listed, said(first))
	if err != nil {
		key = fmt.Sprintf("%p unreadable", s.account.Operations)
	}
	if end, ok := i.known[key]; ok {
		return end
	}
	end := i.play(t, s, func(at time.Time) (payment.Report, error) {
		rep := first
		rep.ReadAt = at
		if !rep.SystemTime.IsZero() {
			rep.SystemTime = rep.SystemTime.Add(at.Sub(now))
		}
		return rep, err
	})
	i.known[key] = end
	return end
}

// said is everything in a report but when it was read.
func said(rep payment.Report) string {
	fraud := "none"
	if rep.FraudStatus != nil {
		fraud = fmt.Sprint(*rep.FraudStatus)
	}
	rep.ReadAt, rep.FraudStatus = time.Time{}, nil
	return fmt.Sprintf("%s %+v", fraud, rep)
}

// look reads a report. That iyzico knows no payment of a fund payment's is an answer.
func (i *iyzicoSays) look(at time.Time, q payment.Query) (payment.Report, error) {
	rep, err := i.read(at, q)
	if q.PaymentConversationID != "" && payment.CodeOf(err) == payment.CodeNotFound {
		return payment.Report{ReadAt: at}, nil
	}
	return rep, err
}

// dueAfter is when the account is looked at next.
func dueAfter(account payment.Account, now time.Time) time.Time {
	if due := account.DueAt(); due.After(now) {
		return due
	}
	return now.Add(time.Second)
}

func (i *iyzicoSays) play(t testing.TB, s step, read func(time.Time) (payment.Report, error)) payment.State {
	t.Helper()
	account, now := s.account, noon
	state := func() payment.State { return account.Operations[0].Legs[s.leg].State }
	for reads := 0; s.open(state()); reads++ {
		if reads > 400 {
			t.Fatalf("no end is in sight (I7): %s", s.text)
		}
		now = dueAfter(account, now)
		rep, err := read(now)
		var event payment.Event = payment.Observed{Report: rep}
		if err != nil || !rep.Listed && s.query.PaymentConversationID == "" {
			event = payment.Due{Unreadable: true}
		}
		account = decide(t, account, event, now)
		var listed payment.Listed
		for _, day := range account.DaysNeeded(now) {
			listed.Lists = append(listed.Lists, payment.DayList{Day: day, ReadAt: now, SystemTime: now, Rows: s.rows})
		}
		if len(listed.Lists) > 0 {
			account = decide(t, account, listed, now)
		}
	}
	return state()
}

func decide(t testing.TB, a payment.Account, e payment.Event, now time.Time) payment.Account {
	t.Helper()
	next, call, err := rules.Decide(a, e, now)
	if call != nil || err != nil {
		t.Fatalf("%T: %+v, %v", e, call, err)
	}
	return next
}

// rowsOf is what an honest day list says of the report's entries.
func (s *scenario) rowsOf(t testing.TB, i *iyzicoSays, moved bool) []payment.DayRow {
	t.Helper()
	i.report = s.report(t, s.all(moved)).String()
	rep, err := i.read(noon.Add(time.Hour), payment.Query{PaymentID: paymentID})
	if err != nil {
		t.Fatal(err)
	}
	var rows []payment.DayRow
	for _, e := range rep.Entries {
		if e.Status != 1 {
			continue
		}
		row := payment.DayRow{
			Kind: payment.DayRowRefund, TransactionID: "37" + e.TxID, PaymentID: paymentID, LineID: e.LineID, ConversationID: e.ConversationID,
			Amount: e.Amount, At: e.CreatedAt,
		}
		if !e.Cancel {
			rows = append(rows, row)
			continue
		}
		for _, line := range rep.Lines {
			row.Kind, row.LineID, row.Amount = payment.DayRowCancel, line.ID, line.PaidAmount
			rows = append(rows, row)
		}
	}
	return rows
}

// variants calls f with every change of the report, and every pair of changes on an entry.
func variants(root *node, f func(name string, changed *node, pair bool)) {
	all := changes()
	for _, path := range root.places(nil) {
		for _, c := range all {
			changed := root.clone()
			if c.do(changed.at(path[:len(path)-1]), path[len(path)-1]) {
				f(root.name(path)+" "+c.name, changed, false)
			}
		}
	}
	for _, entry := range root.places(nil) {
		if n := root.at(entry); n.form != '{' || !slices.ContainsFunc(n.keys, func(k string) bool { return k == "refundPrice" }) {
			continue
		}
		for j := range root.at(entry).kids {
			for i := range j {
				for _, second := range all {
					for _, first := range all {
						changed := root.clone()
						n := changed.at(entry)
						if second.do(n, j) && first.do(n, i) {
							f(fmt.Sprintf("%s: %s %s, %s %s", root.name(entry), root.at(entry).keys[i], first.name, root.at(entry).keys[j], second.name), changed, true)
						}
					}
				}
			}
		}
	}
}

// every is how many changes are left out for one that is played, with -short.
func every() int {
	if testing.Short() {
		return 41
	}
	return 1
}

// TestNoChangeOfAReportGivesAFalseNo plays every single change of a report, and every pair of changes on an entry of it, to its
// end: with the money moved and not moved, and with a day list that is honest or that knows nothing yet. An operation whose
// money moved never ends as not executed, and one whose money did not move never as succeeded.
func TestNoChangeOfAReportGivesAFalseNo(t *testing.T) {
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			i := newIyzico(t)
			account := s.lost(t, i)
			for _, moved := range []bool{true, false} {
				want := payment.StateNotExecuted
				switch {
				case moved:
					want = payment.StateSucceeded
				case s.failed.refunds != nil:
					want = payment.StateNeedsReview // iyzico may yet repeat by itself what it lists as failed
				}
				honest := s.rowsOf(t, i, moved)
				for list, rows := range map[string][]payment.DayRow{"an honest day list": honest, "a day list that knows nothing": nil} {
					story := func(text string) step {
						return step{account, s.done, text, payment.Query{PaymentID: paymentID}, rows, isUnknown}
					}
					i.plays(t, s.name+", "+movedWord(moved)+", "+list, s.report(t, s.all(moved)), story, want, moved)
				}
			}
		})
	}
}

func movedWord(moved bool) string {
	if moved {
		return "moved"
	}
	return "not moved"
}

// plays plays every change of a report to its end, and says which ended as what the money says it is not.
func (i *iyzicoSays) plays(t *testing.T, name string, tree *node, story func(text string) step, want payment.State, moved bool) {
	t.Helper()
	if got := i.follow(t, story(tree.String())); got != want {
		t.Fatalf("%s: the report as it is ends as %s", name, got)
	}
	c, n := count{name: name, ends: map[payment.State]int{}}, 0
	whole, everyPair := tree.entries(), len(story("").rows) == 0
	variants(tree, func(change string, changed *node, pair bool) {
		if n++; n%every() != 0 || pair && !everyPair && n%honestPairs != 0 {
			return
		}
		c.changes++
		end := i.follow(t, story(changed.String()))
		c.ends[end]++
		switch {
		case moved && end == payment.StateNotExecuted && changed.entries() < whole && everyPair:
			c.bothSilent++ // neither source has the entry, and nothing else of the report shows that it is missing
		case moved && (end == payment.StateNotExecuted || end == payment.StateRejected || end == payment.StateExpired || end == payment.StateNotSent):
			if c.falseNo++; c.falseNo <= mostShown {
				t.Errorf("%s: false no: %s", name, change)
			}
		case !moved && end == payment.StateSucceeded:
			if c.falseYes++; c.falseYes <= mostShown {
				t.Errorf("%s: false yes: %s", name, change)
			}
		}
	})
	t.Log(c.String())
	counted.add(c)
}

// honestPairs is how many pairs of changes are left out for one that is played with an honest day list: what holds without any
// holds with it.
const honestPairs = 5

// mostShown is how many false endings of one report are shown.
const mostShown = 20
