package iyzicotest

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the tables of docs/fake.md")

const guideDocument = "../../../docs/fake.md"

func TestTheControlSideListsItself(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	var got guide
	answer := s.control(http.MethodGet, "/_fake/", "", 200)
	if err := json.Unmarshal([]byte(answer.raw), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Routes) != len(controlTable()) || len(got.Faults) != len(faultModes) || len(got.Seeds) != len(seedPayments) || len(got.Settings) == 0 {
		t.Errorf("guide %s", answer.raw)
	}
	s.control(http.MethodGet, "/_fake/nothing", "", 404)
	s.control(http.MethodPost, "/_fake/", "", 404)
}

func TestEveryRouteOfTheGuideIsServed(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	for _, route := range controlTable() {
		path := strings.NewReplacer("{paymentId}", "1", "{token}", "x").Replace(route.Path)
		if got := s.send(route.Method, path, "", nil); strings.Contains(got.text("error"), "no such control route") {
			t.Errorf("%s %s: %s", route.Method, route.Path, got.raw)
		}
	}
}

func TestTheGuideNamesEverySettingAndLie(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		of      any
		entries []guideEntry
	}{
		{Settings{}, guideSettings}, {ReportLies{}, guideReportLies}, {DayListLies{}, guideDayListLies},
	} {
		var want, got []string
		for _, field := range reflect.VisibleFields(reflect.TypeOf(test.of)) {
			want = append(want, field.Tag.Get("json"))
		}
		for _, entry := range test.entries {
			got = append(got, entry.Name)
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%T: %s", test.of, diff)
		}
	}
}

// guideTables are the tables of the document, by name.
func guideTables() map[string]string {
	g := newGuide()
	table := func(head string, rows []string) string {
		return head + "\n" + strings.Join(rows, "\n") + "\n"
	}
	entries := func(head string, list []guideEntry) string {
		var rows []string
		for _, e := range list {
			rows = append(rows, fmt.Sprintf("| `%s` | %s |", e.Name, e.About))
		}
		return table("| "+head+" | What it does |\n|---|---|", rows)
	}
	var routes, seeds []string
	for _, r := range g.Routes {
		body := r.Body
		if strings.HasPrefix(body, "{") {
			body = "`" + body + "`"
		}
		routes = append(routes, fmt.Sprintf("| `%s %s` | %s | %s |", r.Method, r.Path, body, r.About))
	}
	for _, seed := range g.Seeds {
		var lines []string
		for _, line := range seed.Lines {
			lines = append(lines, fmt.Sprintf("`%s`: %s", line.PaymentTransactionID, line.PaidPrice))
		}
		seeds = append(seeds, fmt.Sprintf("| `%s` | %s %s | %s |", seed.PaymentID, strings.Join(lines, ", "), seed.Currency, seed.About))
	}
	return map[string]string{
		"routes":   table("| Route | Body | What it does |\n|---|---|---|", routes),
		"settings": entries("Setting", g.Settings),
		"report":   entries("Member of `report`", g.Report),
		"dayList":  entries("Member of `dayList`", g.DayList),
		"faults":   entries("Mode", g.Faults),
		"seeds":    table("| Payment | Lines | For |\n|---|---|---|", seeds),
	}
}

func TestTheDocumentHasTheGuidesTables(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(guideDocument)
	if err != nil {
		t.Fatal(err)
	}
	document := string(raw)
	for name, table := range guideTables() {
		begin, end := "<!-- "+name+" -->\n", "<!-- end "+name+" -->\n"
		_, rest, found := strings.Cut(document, begin)
		have, _, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Fatalf("%s has no %q and %q", guideDocument, begin, end)
		}
		if have != table {
			if !*update {
				t.Errorf("%s, table %s (-want +got); go test -update writes it:\n%s", guideDocument, name, cmp.Diff(table, have))
			}
			document = strings.Replace(document, begin+have, begin+table, 1)
		}
	}
	if *update {
		if err := os.WriteFile(guideDocument, []byte(document), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheDocumentNamesWhatTheFakeDoes holds the prose against the code: paths, codes and numbers that it speaks of.
func TestTheDocumentNamesWhatTheFakeDoes(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(guideDocument)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		DefaultAPIKey, DefaultSecretKey, smsCode, fmt.Sprintf("%d rows", TransactionsPerPage), fmt.Sprintf("%d seconds", int(stillRunning.Seconds())),
		CodeCancelUnknownPayment, CodeDetailUnknownPayment, CodeStandardMerchantsOnly, CodeStillRunning, CodeNotSufficientFunds, seedBalance, webhookSignature,
	}
	for path := range endpoints {
		want = append(want, "`"+path+"`")
	}
	l, _ := newTestLedger(t)
	if err := Seed(l); err != nil {
		t.Fatal(err)
	}
	for _, s := range l.sessions {
		want = append(want, s.SessionToken, s.MemberIdentifier)
	}
	for _, text := range want {
		if !strings.Contains(string(raw), text) {
			t.Errorf("%s does not name %s", guideDocument, text)
		}
	}
}
