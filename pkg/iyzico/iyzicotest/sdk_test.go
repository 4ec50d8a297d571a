package iyzicotest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/test/need"
)

// The official clients as `make tools` fetches them, unmodified.
const (
	nodeClient    = ".tools/sdk/node/node_modules"
	nodeVersion   = "2.0.69"
	pythonClient  = ".tools/sdk/python"
	pythonVersion = "1.0.46"
)

// TestOfficialNodeClient runs payment, detail, refund, refund v2, the refund charged to the merchant, cancel, refund-to-balance
// init and reporting.
func TestOfficialNodeClient(t *testing.T) {
	t.Parallel()
	node := sdkTool(t, "node", nodeClient, "iyzipay")
	binary := buildFake(t)
	for _, test := range []struct {
		name          string
		https         bool
		failureStatus int
	}{
		{"HTTP, failures with 200", false, http.StatusOK},
		{"HTTPS, failures with 400", true, http.StatusBadRequest},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := startFake(t, binary, test.failureStatus)
			base := fake.plain
			if test.https {
				base = fake.encrypted
			}
			run := fake.run(t, []string{"NODE_PATH=" + node.client, "NODE_EXTRA_CA_CERTS=" + fake.caFile},
				node.path, "node/scenario.js", base)
			run.check(t, nodeVersion, "payment for balance", "refund to balance")

			paid, opened := run["payment for balance"].Result, run["refund to balance"].Result
			if want := base + pagePath + opened.Token; opened.Token == "" || opened.URL != want {
				t.Errorf("refund to balance: token %q, url %q, want %q", opened.Token, opened.URL, want)
			}
			moved := run.movements()
			moved = append(moved, sdkExecution{Kind: KindPayment, Path: PathAuth, ConversationID: "order-c", PaymentID: paid.id(), Price: "1.20", Currency: "TRY"})
			if diff := cmp.Diff(moved, fake.executions(t)); diff != "" {
				t.Errorf("moved (-want +got), nothing by the init:\n%s", diff)
			}
			fake.control(t, http.MethodPost, "/_fake/balance-refunds/"+opened.Token+"/confirm", "", nil)
			fake.control(t, http.MethodPost, "/_fake/balance-refunds/"+opened.Token+"/approve", "", nil)
			moved = append(moved, sdkExecution{Kind: KindBalanceRefund, Path: PathBalanceInit, ConversationID: "balance-1", PaymentID: paid.id(), Price: "1.20", Currency: "TRY"})
			if diff := cmp.Diff(moved, fake.executions(t)); diff != "" {
				t.Errorf("moved after the approval (-want +got):\n%s", diff)
			}
			fake.checkOutcomes(t, PathAuth+" executed", PathBalanceInit+" executed")
		})
	}
}

// TestOfficialPythonClient runs payment, detail, refund, refund v2, the refund charged to the merchant, cancel and reporting
// over HTTPS, the only thing that client speaks, trusting the CA that the fake serves and no other.
func TestOfficialPythonClient(t *testing.T) {
	t.Parallel()
	python := sdkTool(t, "python3", pythonClient, "iyzipay")
	binary := buildFake(t)
	for _, failureStatus := range []int{http.StatusOK, http.StatusBadRequest} {
		t.Run(fmt.Sprintf("failures with %d", failureStatus), func(t *testing.T) {
			t.Parallel()
			fake := startFake(t, binary, failureStatus)
			run := fake.run(t, []string{"PYTHONPATH=" + python.client, "PYTHONDONTWRITEBYTECODE=1", "SSL_CERT_FILE=" + fake.caFile},
				python.path, "python/scenario.py", strings.TrimPrefix(fake.encrypted, "https://"))
			run.check(t, pythonVersion)
			if diff := cmp.Diff(run.movements(), fake.executions(t)); diff != "" {
				t.Errorf("moved (-want +got):\n%s", diff)
			}
			fake.checkOutcomes(t)
		})
	}
}

// sdkSteps are the steps of both scenarios: the code of a failure, and whether the client checks a signature.
var sdkSteps = []struct {
	name      string
	errorCode string
	signed    bool
}{
	{name: "api test"},
	{name: "bin check"},
	{name: "payment", signed: true},
	{name: "detail", signed: true},
	{name: "refund", signed: true},
	{name: "refund above the remainder", errorCode: CodeExceedsRemainder},
	{name: "refund v2", signed: true},
	{name: "refund charged to the merchant"},
	{name: "report"},
	{name: "transactions"},
	{name: "scroll"},
	{name: "payment to cancel", signed: true},
	{name: "cancel"},
	{name: "cancel again", errorCode: CodeStillRunning},
	{name: "payment to refund whole", signed: true},
	{name: "refund v2 of the whole", signed: true},
	{name: "wrong key", errorCode: CodeUnknownAPIKey},
	{name: "wrong secret", errorCode: CodeBadSignature},
}

// sdkStep is one line that a scenario prints: what the client gave its caller.
type sdkStep struct {
	Step     string    `json:"step"`
	Verified *bool     `json:"verified"`
	Result   sdkResult `json:"result"`
}

// sdkResult takes ids as strings and as numbers.
type sdkResult struct {
	Version              string           `json:"version"`
	Status               string           `json:"status"`
	ErrorCode            json.Number      `json:"errorCode"`
	ConversationID       string           `json:"conversationId"`
	PaymentID            json.Number      `json:"paymentId"`
	PaymentTransactionID json.Number      `json:"paymentTransactionId"`
	PaymentStatus        any              `json:"paymentStatus"`
	RefundStatus         string           `json:"paymentRefundStatus"`
	BinNumber            string           `json:"binNumber"`
	TransactionType      string           `json:"transactionType"`
	Price                decimal.Decimal  `json:"price"`
	PaidPrice            decimal.Decimal  `json:"paidPrice"`
	Currency             string           `json:"currency"`
	Token                string           `json:"token"`
	URL                  string           `json:"url"`
	Items                []sdkItem        `json:"itemTransactions"`
	Payments             []sdkResult      `json:"payments"`
	Transactions         []sdkTransaction `json:"transactions"`
}

func (r sdkResult) id() string { return r.PaymentID.String() }

type sdkItem struct {
	ItemID               string          `json:"itemId"`
	PaymentTransactionID json.Number     `json:"paymentTransactionId"`
	Price                decimal.Decimal `json:"price"`
	PaidPrice            decimal.Decimal `json:"paidPrice"`
	Refunds              []struct {
		ConversationID string          `json:"refundConversationId"`
		Price          decimal.Decimal `json:"refundPrice"`
		Status         int             `json:"refundStatus"`
	} `json:"refunds"`
}

type sdkTransaction struct {
	Type           string          `json:"transactionType"`
	PaymentID      json.Number     `json:"paymentId"`
	LineID         json.Number     `json:"paymentTxId"`
	ConversationID string          `json:"conversationId"`
	Price          decimal.Decimal `json:"price"`
}

// sdkRun is what a scenario printed, by step.
type sdkRun map[string]sdkStep

// check holds every step against what iyzico's documents promise; extra names signed or unsigned steps of one client.
func (run sdkRun) check(t *testing.T, version string, extra ...string) {
	t.Helper()
	if got := run["version"].Result.Version; got != version {
		t.Fatalf("iyzipay %s is installed, want %s: run make tools", got, version)
	}
	if want := 1 + len(sdkSteps) + len(extra); len(run) != want {
		t.Fatalf("%d steps, want %d", len(run), want)
	}
	for _, want := range sdkSteps {
		got, ok := run[want.name]
		status := "success"
		if want.errorCode != "" {
			status = "failure"
		}
		if !ok || got.Result.Status != status || got.Result.ErrorCode.String() != want.errorCode {
			t.Errorf("%s: status %q, error code %q, want %q, %q",
				want.name, got.Result.Status, got.Result.ErrorCode, status, want.errorCode)
		}
		if want.signed != (got.Verified != nil) || want.signed && !*got.Verified {
			t.Errorf("%s: signature not verified by the client", want.name)
		}
	}
	for _, name := range extra {
		if got := run[name].Result.Status; got != "success" {
			t.Errorf("%s: status %q", name, got)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	run.checkPayment(t)
	run.checkMovements(t)
	run.checkReports(t)
}

func (run sdkRun) checkPayment(t *testing.T) {
	t.Helper()
	if got := run["bin check"].Result.BinNumber; got != "554960" {
		t.Errorf("bin check: %q", got)
	}
	for _, name := range []string{"payment", "detail"} {
		got := run[name].Result
		var items []string
		for _, item := range got.Items {
			items = append(items, fmt.Sprintf("%s %s %s", item.ItemID, item.Price, item.PaidPrice))
		}
		if want := []string{"BI101 0.3 0.36", "BI102 0.5 0.6", "BI103 0.2 0.24"}; !slices.Equal(items, want) {
			t.Errorf("%s: items %q, want %q", name, items, want)
		}
		if got.Price.String() != "1" || got.PaidPrice.String() != "1.2" || got.Currency != "TRY" {
			t.Errorf("%s: price %s, paid %s %s", name, got.Price, got.PaidPrice, got.Currency)
		}
	}
	paid, detail := run["payment"].Result, run["detail"].Result
	if paid.ConversationID != "order-a" || detail.ConversationID != "look" || detail.id() != paid.id() || detail.PaymentStatus != "SUCCESS" {
		t.Errorf("payment %s of %q, detail %s of %q, %v", paid.id(), paid.ConversationID, detail.id(), detail.ConversationID, detail.PaymentStatus)
	}
}

func (run sdkRun) checkMovements(t *testing.T) {
	t.Helper()
	paid, wrong, whole := run["payment"].Result, run["payment to cancel"].Result, run["payment to refund whole"].Result
	line, last := paid.Items[0].PaymentTransactionID.String(), paid.Items[2].PaymentTransactionID.String()
	for _, want := range []struct{ step, conversationID, paymentID, line, price, kind string }{
		{"refund", "refund-1", paid.id(), line, "0.1", ""},
		{"refund v2", "refund-3", paid.id(), "", "0.5", "REFUND"},
		{"refund charged to the merchant", "refund-5", paid.id(), last, "0.1", ""},
		{"cancel", "cancel-1", wrong.id(), "", "1.2", ""},
		{"refund v2 of the whole", "refund-6", whole.id(), "", "1.2", "CANCEL"},
	} {
		got := run[want.step].Result
		if got.ConversationID != want.conversationID || got.id() != want.paymentID || got.PaymentTransactionID.String() != want.line ||
			got.Price.String() != want.price || got.Currency != "TRY" || got.TransactionType != want.kind {
			t.Errorf("%s: %+v, want %+v", want.step, got, want)
		}
	}
}

func (run sdkRun) checkReports(t *testing.T) {
	t.Helper()
	paid := run["payment"].Result
	report := run["report"].Result.Payments
	if len(report) != 1 || report[0].id() != paid.id() || report[0].RefundStatus != PartiallyRefunded || report[0].PaymentStatus != 1.0 {
		t.Fatalf("report: %+v", report)
	}
	var refunds []string
	for _, item := range report[0].Items {
		for _, refund := range item.Refunds {
			refunds = append(refunds, fmt.Sprintf("%s %s %s %d", item.ItemID, refund.ConversationID, refund.Price, refund.Status))
		}
	}
	if want := []string{"BI101 refund-1 0.1 1", "BI101 refund-3 0.26 1", "BI102 refund-3 0.24 1", "BI103 refund-5 0.1 1"}; !slices.Equal(refunds, want) {
		t.Errorf("report: refunds %q, want %q", refunds, want)
	}
	want := []string{
		"PAYMENT BI101 order-a 0.36", "PAYMENT BI102 order-a 0.6", "PAYMENT BI103 order-a 0.24",
		"REFUND BI101 refund-1 0.1", "REFUND BI101 refund-3 0.26", "REFUND BI102 refund-3 0.24",
		"REFUND BI103 refund-5 0.1",
	}
	for _, name := range []string{"transactions", "scroll"} {
		var rows []string
		for _, row := range run[name].Result.Transactions {
			at := slices.IndexFunc(paid.Items, func(item sdkItem) bool { return item.PaymentTransactionID == row.LineID })
			if row.PaymentID == paid.PaymentID && at >= 0 {
				rows = append(rows, fmt.Sprintf("%s %s %s %s", row.Type, paid.Items[at].ItemID, row.ConversationID, row.Price))
			}
		}
		// Rows of the same second have no order of their own.
		slices.Sort(rows)
		if !slices.Equal(rows, want) {
			t.Errorf("%s: %q, want %q", name, rows, want)
		}
	}
}

// sdkExecution is a row of /_fake/executions.
type sdkExecution struct {
	Kind                 string `json:"kind"`
	Path                 string `json:"path"`
	ConversationID       string `json:"conversationId"`
	PaymentID            string `json:"paymentId"`
	PaymentTransactionID string `json:"paymentTransactionId"`
	Price                string `json:"price"`
	Currency             string `json:"currency"`
}

// movements is what the steps that both scenarios have must have moved, in order, and no more.
func (run sdkRun) movements() []sdkExecution {
	paid, wrong, whole := run["payment"].Result, run["payment to cancel"].Result, run["payment to refund whole"].Result
	line, last := paid.Items[0].PaymentTransactionID.String(), paid.Items[2].PaymentTransactionID.String()
	return []sdkExecution{
		{KindPayment, PathAuth, "order-a", paid.id(), "", "1.20", "TRY"},
		{KindRefund, PathRefund, "refund-1", paid.id(), line, "0.10", "TRY"},
		{KindRefund, PathRefundV2, "refund-3", paid.id(), "", "0.50", "TRY"},
		{KindRefund, PathMerchantCharge, "refund-5", paid.id(), last, "0.10", "TRY"},
		{KindPayment, PathAuth, "order-b", wrong.id(), "", "1.20", "TRY"},
		{KindCancel, PathCancel, "cancel-1", wrong.id(), "", "1.20", "TRY"},
		{KindPayment, PathAuth, "order-d", whole.id(), "", "1.20", "TRY"},
		{KindCancel, PathRefundV2, "refund-6", whole.id(), "", "1.20", "TRY"},
	}
}

// fakeProcess is a running cmd/fake-iyzico.
type fakeProcess struct {
	plain, encrypted string
	caFile           string
	// day is the date at iyzico.
	day string
}

var startLine = regexp.MustCompile(`(http://\S+) and (https://\S+) `)

// buildFake builds the command, once for all runs of one test.
func buildFake(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "fake-iyzico")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../../cmd/fake-iyzico").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	return binary
}

// startFake starts the command. Its clock is set to noon in Istanbul, so that a run does not cross a day:
// cancels are for the same day only, and one report is by day.
func startFake(t *testing.T, binary string, failureStatus int) fakeProcess {
	t.Helper()
	command := exec.Command(binary, "-addr", "127.0.0.1:0", "-tls-addr", "127.0.0.1:0")
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("no start line: %v", err)
	}
	addresses := startLine.FindStringSubmatch(line)
	if addresses == nil {
		t.Fatalf("start line %q", line)
	}
	fake := fakeProcess{plain: addresses[1], encrypted: addresses[2], caFile: filepath.Join(t.TempDir(), "ca.pem")}

	now := time.Now().In(istanbul)
	noonToday := time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, istanbul)
	fake.day = noonToday.Format(time.DateOnly)
	fake.control(t, http.MethodPut, "/_fake/settings",
		fmt.Sprintf(`{"failureHttpStatus":%d,"clockOffsetMs":%d}`, failureStatus, noonToday.Sub(now).Milliseconds()), nil)
	ca := fake.request(t, http.MethodGet, "/_fake/ca.pem", "")
	if err := os.WriteFile(fake.caFile, ca, 0o600); err != nil {
		t.Fatal(err)
	}
	return fake
}

func (fake fakeProcess) request(t *testing.T, method, path, body string) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, fake.plain+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var got bytes.Buffer
	if _, err := got.ReadFrom(answer.Body); err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %d %s", method, path, answer.StatusCode, got.Bytes())
	}
	return got.Bytes()
}

func (fake fakeProcess) control(t *testing.T, method, path, body string, into any) {
	t.Helper()
	raw := fake.request(t, method, path, body)
	if into == nil {
		return
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s %s: %v: %s", method, path, err, raw)
	}
}

func (fake fakeProcess) executions(t *testing.T) []sdkExecution {
	t.Helper()
	var got struct {
		Executions []sdkExecution `json:"executions"`
	}
	fake.control(t, http.MethodGet, "/_fake/executions", "", &got)
	return got.Executions
}

// checkOutcomes holds the log of money requests against the scenario: one request per step, none sent again.
func (fake fakeProcess) checkOutcomes(t *testing.T, balance ...string) {
	t.Helper()
	var log struct {
		Requests []struct{ Path, Outcome string } `json:"requests"`
	}
	fake.control(t, http.MethodGet, "/_fake/requests", "", &log)
	var got []string
	for _, r := range log.Requests {
		got = append(got, r.Path+" "+r.Outcome)
	}
	want := slices.Concat([]string{
		PathAuth + " executed", PathRefund + " executed", PathRefund + " refused", PathRefundV2 + " executed",
		PathMerchantCharge + " executed", PathAuth + " executed", PathCancel + " executed", PathCancel + " refused",
		PathAuth + " executed", PathRefundV2 + " executed",
	}, balance, []string{PathRefund + " unauthorized", PathRefund + " unauthorized"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("money requests (-want +got):\n%s", diff)
	}
}

// scenarioTime bounds a whole scenario; one takes a second.
const scenarioTime = 2 * time.Minute

// run runs a script of testdata/sdk with an environment in which nothing but extra leads to clients, CAs or proxies.
func (fake fakeProcess) run(t *testing.T, extra []string, interpreter, script, base string) sdkRun {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), scenarioTime)
	defer cancel()
	command := exec.CommandContext(ctx, interpreter, filepath.Join("testdata", "sdk", filepath.FromSlash(script)),
		base, DefaultAPIKey, DefaultSecretKey, fake.day)
	for _, setting := range os.Environ() {
		name, _, _ := strings.Cut(strings.ToUpper(setting), "=")
		if strings.HasSuffix(name, "_PROXY") || strings.HasPrefix(name, "NODE_") || strings.HasPrefix(name, "PYTHON") ||
			strings.HasPrefix(name, "SSL_CERT_") || strings.HasPrefix(name, "IYZIPAY_") {
			continue
		}
		command.Env = append(command.Env, setting)
	}
	command.Env = append(command.Env, extra...)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", script, err, out, complaints.Bytes())
	}
	run := sdkRun{}
	for line := range strings.Lines(string(out)) {
		var step sdkStep
		if err := json.Unmarshal([]byte(line), &step); err != nil {
			t.Fatalf("%s printed %q: %v", script, line, err)
		}
		if _, twice := run[step.Step]; twice {
			t.Fatalf("%s: step %q twice", script, step.Step)
		}
		run[step.Step] = step
	}
	return run
}

// installedClient is an official client with its interpreter.
type installedClient struct {
	path   string
	client string
}

// sdkTool finds an interpreter and the client that `make tools` fetches; without them the test is skipped, or fails
// with IADE_REQUIRE=all.
func sdkTool(t *testing.T, interpreter, folder, client string) installedClient {
	t.Helper()
	need.Programs(t)
	path, err := exec.LookPath(interpreter)
	if err != nil {
		need.Missing(t, interpreter, "install it")
	}
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	installed := filepath.Join(root, filepath.FromSlash(folder))
	if _, err := os.Stat(filepath.Join(installed, client)); err != nil {
		need.Missing(t, "iyzico's client for "+interpreter, "make tools")
	}
	return installedClient{path, installed}
}
