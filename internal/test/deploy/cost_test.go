package deploy_test

import (
	"bytes"
	"context"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/metrics"
	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/test/repo"
)

// inputs reads the first table of docs/cost.md.
func inputs(t *testing.T) map[string]*big.Rat {
	t.Helper()
	all := map[string]*big.Rat{}
	for _, row := range repo.Table(t, "docs/cost.md", "inputs") {
		value, ok := new(big.Rat).SetString(row[1])
		if !ok {
			t.Fatalf("%v is no number", row)
		}
		all[strings.Trim(row[0], "`")] = value
	}
	return all
}

// use is what a refund or a month uses of one thing.
type use struct {
	name   string
	amount *big.Rat // of units
	unit   string
	price  string   // the input
	per    *big.Rat // how many units the price is for
}

func rat(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("not a number: " + text)
	}
	return r
}

func number(n int) *big.Rat { return big.NewRat(int64(n), 1) }

func times(factors ...*big.Rat) *big.Rat {
	product := number(1)
	for _, f := range factors {
		product = new(big.Rat).Mul(product, f)
	}
	return product
}

// costTable works out what the uses cost, many times over.
func costTable(t *testing.T, prices map[string]*big.Rat, many *big.Rat, uses []use, total string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| of | each | unit | × price | $ |\n|---|---|---|---|---|\n")
	sum := new(big.Rat)
	for _, u := range uses {
		price, ok := prices[u.price]
		if !ok {
			t.Fatalf("there is no input %s", u.price)
		}
		cost := times(u.amount, many, price, new(big.Rat).Inv(u.per))
		sum.Add(sum, cost)
		fmt.Fprintf(&b, "| %s | %s | %s | `%s` | %s |\n", u.name, strings.TrimRight(strings.TrimRight(u.amount.FloatString(6), "0"), "."), u.unit, u.price, cost.FloatString(2))
	}
	fmt.Fprintf(&b, "| **%s** | | | | **%s** |\n", total, sum.FloatString(2))
	return b.String()
}

var (
	million  = rat("1000000")
	gigabyte = rat("1000000000")
)

// playedRefund gives the account of a known payment after each save of one refund of it.
func playedRefund(t *testing.T) []payment.Account {
	t.Helper()
	now := time.Date(2031, time.March, 10, 9, 0, 0, 0, time.UTC)
	sum := func(text string) money.Amount { return money.New(decimal.RequireFromString(text), money.TRY) }
	rules := payment.Rules{SettleWindow: 15 * time.Minute, SendTimeout: 20 * time.Second}
	report := payment.Report{
		Listed: true, RefundStatus: payment.NotRefunded, PaymentID: "24233528", Currency: money.TRY, Charged: true, PaidAt: now.Add(-time.Hour), ReadAt: now,
		Lines: []payment.Line{{ID: "26241258", ItemID: "sku-4711", PaidAmount: sum("250")}},
	}
	command := payment.Command{
		Kind: payment.KindRefund, PaymentID: report.PaymentID, LineID: "26241258", Key: "5f0c6a1e-6c0e-4f0a-9f57-0d8f3c1f2b11", Amount: sum("125.50"),
		Destination: payment.ToCard, Reason: "BUYER_REQUEST", Reference: "order-20310310-000123",
	}
	account := payment.Account{ID: command.AccountID()}
	var saved []payment.Account
	var event payment.Event = payment.Requested{Command: command, Until: now.Add(27 * time.Second), Report: &report}
	for event != nil {
		next, call, err := rules.Decide(account, event, now)
		if err != nil {
			t.Fatal(err)
		}
		next.Author = payment.Author{Actor: "arn:aws:sts::123456789012:assumed-role/order-system", OperationID: command.OperationID(), At: now}
		if event = nil; next.Version != account.Version {
			saved, account = append(saved, next), next
		}
		if call != nil {
			event = payment.Answered{Call: *call, Verdict: payment.VerdictSucceeded, Proof: payment.Proof{
				AuthCode: "512821", HostReference: "mock00007iyzihostrfn", RefundHostReference: "mock00008iyzihostrfn", SignatureVerified: true,
			}}
		}
	}
	return saved
}

// itemBytes is an item's size as DynamoDB counts it: names and values of docs/privacy.md's attributes.
func itemBytes(t *testing.T, a payment.Account) int {
	t.Helper()
	data, err := payment.EncodeAccount(a)
	if err != nil {
		t.Fatal(err)
	}
	const writer, numeral = 26, 8 // a token; no number is longer
	n := len("pk") + len(a.ID) + len("version") + numeral + len("writer") + writer + len("account") + len(data)
	if !a.DueAt().IsZero() {
		return n + len("openShard") + 1 + len("dueAt") + len("2006-01-02T15:04:05.000000000Z")
	}
	return n + len("expiresAt") + numeral
}

// tableUnits are the write units of a refund's saves, the index's included, and what stays stored.
func tableUnits(t *testing.T) (writes, stored int) {
	t.Helper()
	const unit = 1024
	open := false
	for _, a := range playedRefund(t) {
		stored = itemBytes(t, a)
		writes += (stored + unit - 1) / unit
		if due := !a.DueAt().IsZero(); due != open { // keys alone: one unit to put them into the index, one to take them out
			writes, open = writes+1, due
		}
	}
	return writes, stored
}

// TestTheCostTableIsTheFormula, with the prices that the document names and units that are measured.
func TestTheCostTableIsTheFormula(t *testing.T) {
	in := inputs(t)
	megabytes := deploy(t, nil).functions["RefundFunction"].(object)["MemorySize"].(int)
	memory := big.NewRat(int64(megabytes), 1024)
	writes, stored := tableUnits(t)
	journal := journalUse(t)
	const publishes = 2 // one for each save, at most
	seconds := new(big.Rat).Add(new(big.Rat).Add(in["iyzicoSeconds"], in["ownSeconds"]), times(number(publishes), in["publishSeconds"]))
	logged := new(big.Rat).Add(in["platformBytes"], in["ownBytes"])
	repo.Generated(t, "docs/cost.md", "refunds", costTable(t, in, million, []use{
		{"the API", number(1), "request", "apiRequests", million},
		{"functions: refund, and publish at most once a save", number(1 + publishes), "invocations", "lambdaRequests", million},
		{fmt.Sprintf("functions: (`iyzicoSeconds` + `ownSeconds` + %d × `publishSeconds`) × %d MB", publishes, megabytes), times(seconds, memory), "GB-seconds", "lambdaTime", million},
		{"table: the account is loaded, strongly consistent", number(1), "read units", "tableReads", million},
		{fmt.Sprintf("table: two saves of up to %d bytes, into the index and out of it", stored), number(writes), "write units", "tableWrites", million},
		{"table: a slot of the limit of calls, at most", number(1), "write unit", "tableWrites", million},
		{"table: stored for `keptMonths`", times(number(stored), in["keptMonths"]), "byte months", "tableStorage", gigabyte},
		{"table: its backups", times(number(stored), in["keptMonths"]), "byte months", "tableBackups", gigabyte},
		{"journal: each save's record, and twice the operation, with their indexes", number(journal.writes), "write units", "journalWrites", million},
		{"journal: stored for `journalMonths`", times(number(journal.stored), in["journalMonths"]), "byte months", "journalStorage", gigabyte},
		{"journal: its backups", times(number(journal.stored), in["journalMonths"]), "byte months", "tableBackups", gigabyte},
		{"bus: refund.succeeded", number(1), "event", "busEvents", million},
		{"logs: `platformBytes` + `ownBytes`", logged, "bytes", "logBytes", gigabyte},
		{"logs: stored for a year", times(logged, number(12)), "byte months", "logStorage", gigabyte},
	}, "a million refunds"), *update)
}

// nobody has open accounts.
type nobody struct{}

func (nobody) Census(context.Context, string, int) (payment.Census, string, error) {
	return payment.Census{}, "", nil
}

// writtenByAQuietPass is how many metrics the reconciler writes each minute while nothing happens. CloudWatch asks for a metric
// in the hours in which it has values, so others cost nothing then.
func writtenByAQuietPass(t *testing.T) int {
	t.Helper()
	var out bytes.Buffer
	r := metrics.New("iade", "reconcile", &out, time.Now)
	r.Pass(payment.Summary{Complete: true})
	if err := r.Rounds(nobody{}).Look(t.Context(), clock.Wall{}, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	r.Flush("")
	written := 0
	for _, m := range metrics.All() {
		if strings.Contains(out.String(), `"`+m.Name+`":`) {
			written++
		}
	}
	return written
}

// TestTheCostOfEverySeriesIsBounded: each value that a dimension has makes a metric of its own, as CloudWatch counts them.
func TestTheCostOfEverySeriesIsBounded(t *testing.T) {
	values := map[string]int{
		metrics.DimFunction: len(functionIDs), metrics.DimKind: len(payment.Kinds()), metrics.DimStatus: len(payment.Statuses()),
	}
	series := 0
	for _, m := range metrics.All() {
		of := 1
		for _, d := range m.Dimensions {
			of *= values[d]
		}
		series += of
	}
	price := new(big.Rat).Mul(number(series), inputs(t)["metrics"])
	repo.Generated(t, "docs/cost.md", "series", fmt.Sprintf("If every metric came up with every value of its dimensions, all month, that were %d metrics for %s $.\n", series, price.FloatString(2)), *update)
}

// TestTheCostOfAQuietMonthIsTheFormula counts alarms, metrics and secrets where they are declared.
func TestTheCostOfAQuietMonthIsTheFormula(t *testing.T) {
	in := inputs(t)
	d := deploy(t, nil)
	alarmed := 0
	for _, id := range d.ofType("AWS::CloudWatch::Alarm") {
		watched, _ := d.properties(id)["Metrics"].([]any)
		if watched == nil {
			alarmed++
		}
		for _, metric := range watched {
			if metric.(object)["MetricStat"] != nil {
				alarmed++
			}
		}
	}
	quiet := writtenByAQuietPass(t)
	const passes = 30 * 24 * 60
	megabytes := d.functions["ReconcileFunction"].(object)["MemorySize"].(int)
	memory := big.NewRat(int64(megabytes), 1024)
	repo.Generated(t, "docs/cost.md", "month", costTable(t, in, number(1), []use{
		{"reconcile, every minute", number(passes), "invocations", "lambdaRequests", million},
		{fmt.Sprintf("reconcile: `passSeconds` × %d MB", megabytes), times(number(passes), in["passSeconds"], memory), "GB-seconds", "lambdaTime", million},
		{"table: the index asked for what is due, 4 shards", number(passes * 4), "read units", "tableReads", million},
		{"logs of the passes", times(number(passes), in["platformBytes"]), "bytes", "logBytes", gigabyte},
		{"secrets", number(len(d.ofType("AWS::SecretsManager::Secret"))), "secrets", "secrets", number(1)},
		{"alarms, by the metrics that they watch", number(alarmed), "metrics", "alarms", number(1)},
		{"metrics that a pass writes while nothing happens", number(quiet), "metrics", "metrics", number(1)},
		{"dashboard", number(len(d.ofType("AWS::CloudWatch::Dashboard"))), "dashboards", "dashboards", number(1)},
	}, "a month"), *update)
}
