package lambda_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/internal/test/dynamotest"
)

// changes is an operation's history as "from > to by actor".
func (d *deployment) changes(id string) []string {
	d.t.Helper()
	reply, err := d.do(apitest.Request{Method: http.MethodGet, Path: "/operations/" + id + "/history"})
	if err != nil || reply.Status != http.StatusOK {
		d.t.Fatalf("%d %s %v", reply.Status, reply.Body, err)
	}
	var history struct {
		Changes []struct{ From, To, Actor string }
	}
	if err := json.Unmarshal(reply.Body, &history); err != nil {
		d.t.Fatal(err)
	}
	var lines []string
	for _, c := range history.Changes {
		lines = append(lines, fmt.Sprintf("%s > %s by %s", c.From, c.To, c.Actor))
	}
	return lines
}

// found are the ids that GET /operations lists, over all pages.
func (d *deployment) found(query string) []string {
	d.t.Helper()
	ids := []string{}
	for cursor := ""; ; {
		reply, err := d.do(apitest.Request{Method: http.MethodGet, Path: "/operations", RawQuery: query + cursor})
		if err != nil || reply.Status != http.StatusOK {
			d.t.Fatalf("%s: %d %s %v", query, reply.Status, reply.Body, err)
		}
		var page struct {
			Operations []struct{ ID string }
			NextCursor string
		}
		if err := json.Unmarshal(reply.Body, &page); err != nil {
			d.t.Fatal(err)
		}
		for _, op := range page.Operations {
			ids = append(ids, op.ID)
		}
		if page.NextCursor == "" {
			return ids
		}
		cursor = "&cursor=" + page.NextCursor
	}
}

// TestTheJournalHoldsEachChangeOnceHoweverOftenTheStreamRepeats follows changes from the stream into the journal and out over
// the API: batches again, records again, in pieces.
func TestTheJournalHoldsEachChangeOnceHoweverOftenTheStreamRepeats(t *testing.T) {
	t.Parallel()
	d, m := deployBus(t, dynamotest.Endpoint(t))
	want := story(d)
	var p, q string
	for id, events := range want {
		if len(events) > 1 {
			p = id
			continue
		}
		q = id
	}
	a, b, c := d.operationID(p, "a", "10"), "", d.operationID(p, "c", "20")
	records := d.streamRecords()
	m.refuseAt = map[int]bool{2: true} // the journal holds what is not published yet
	publishAll(t, d.function("publish"), records)
	publishAll(t, d.function("publish"), records)
	for _, r := range records {
		publishAll(t, d.function("publish"), []json.RawMessage{r})
	}
	for id, lines := range map[string][]string{
		// The check of c read the report, whose entry is evidence for a too.
		a: {" > processing by iade:queue", "processing > succeeded by iade:queue", "succeeded > succeeded by iade:invoke"},
		c: {" > processing by iade:queue", "processing > unknown by iade:queue", "unknown > succeeded by iade:invoke"},
	} {
		if got := d.changes(id); !slices.Equal(got, lines) {
			t.Errorf("history of %s: %q, want %q", id, got, lines)
		}
	}
	refused := d.found("status=rejected&paymentId=" + p)
	if len(refused) != 1 {
		t.Fatalf("rejected: %v", refused)
	}
	b = refused[0]
	if got := d.changes(b); !slices.Equal(got, []string{" > rejected by iade:queue"}) {
		t.Errorf("history of %s: %q", b, got)
	}
	cancelled := d.found("kind=cancel")
	if len(cancelled) != 1 || !slices.Equal(d.found("reference=order-1"), cancelled) || !slices.Equal(d.found("paymentId="+q), cancelled) {
		t.Errorf("cancels %v, by reference %v, of the payment %v", cancelled, d.found("reference=order-1"), d.found("paymentId="+q))
	}
	if got := d.found("paymentId=" + p + "&limit=1"); !slices.Equal(got, []string{c, b, a}) {
		t.Errorf("of the payment, newest first: %v, want %v", got, []string{c, b, a})
	}
	if got := d.found("status=unfinished&kind=refund"); len(got) > 0 {
		t.Errorf("unfinished: %v", got)
	}
	reply, err := d.do(apitest.Request{Method: http.MethodGet, Path: "/operations", RawQuery: "status=succeeded&order=asc&limit=2", Header: http.Header{"Accept": {"text/csv"}}})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(reply.Body))).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][0] != a || !strings.HasPrefix(reply.Header.Get("Link"), "</operations?cursor=j.") {
		t.Errorf("%v\n%s\n%v", reply.Header, reply.Body, err)
	}
}

// TestNothingIsPublishedThatTheJournalDoesNotHold: a journal that is away stops the stream, and all comes when it is back.
func TestNothingIsPublishedThatTheJournalDoesNotHold(t *testing.T) {
	t.Parallel()
	d, m := deployBus(t, dynamotest.Endpoint(t))
	want := story(d)
	records := d.streamRecords()
	away := d.config("publish")
	away.Env = append(slices.Clone(away.Env), "JOURNAL_TABLE_NAME=iade-test-absent")
	if stopped, err := publish(t, d.environmentOf(away), records); err != nil || stopped == "" || len(m.published()) > 0 {
		t.Errorf("stopped at %q with %d events, %v", stopped, len(m.published()), err)
	}
	publishAll(t, d.function("publish"), records)
	checkTold(t, want, m.published())
}
