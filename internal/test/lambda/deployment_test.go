package lambda_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/internal/test/dynamotest"
	"github.com/iade/iade/internal/test/runtimeapi"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// The keys of the tests' merchant, which may appear nowhere but in requests to iyzico, and there signed or encoded only.
const (
	testAPIKey    = "canary-apiKey-4711"
	testSecretKey = "canary-secretKey-4712"

	testCallbackKey = "canary-callbackKey-4713"
)

// mostProcesses bounds how many processes one function has at once.
const mostProcesses = 6

// anyRate is a limit of calls that no test reaches.
const anyRate = 100_000

// deployment is the functions of one stack: they share a table, a fake iyzico, a Secrets Manager and a log.
type deployment struct {
	t        testing.TB
	endpoint string // of the table's engine
	table    string
	journal  string
	client   *dynamodb.Client
	fake     *iyzicotest.Server
	fakeURL  string
	secrets  *secretsManager
	log      *runtimeapi.Log
	env      []string

	mu        sync.Mutex
	functions map[string]*runtimeapi.Function
}

// deploy makes a stack with a table and a fake of its own. The settings win over the stack's.
func deploy(t testing.TB, endpoint string, settings ...string) *deployment {
	t.Helper()
	client := dynamotest.Client(t, endpoint)
	d := &deployment{
		t: t, endpoint: endpoint, client: client, table: dynamotest.Table(t, client), journal: dynamotest.JournalTable(t, client), log: &runtimeapi.Log{},
		secrets: startSecretsManager(t, keysSecret(testAPIKey, testSecretKey)), functions: map[string]*runtimeapi.Function{},
	}
	d.fake, d.fakeURL = startFake(t)
	d.env = append([]string{
		"TABLE_NAME=" + d.table, "JOURNAL_TABLE_NAME=" + d.journal, "AWS_ENDPOINT_URL_DYNAMODB=" + endpoint, "IYZICO_BASE_URL=" + d.fakeURL,
		"IYZICO_SECRET_ARN=" + secretARN, "AWS_ENDPOINT_URL_SECRETS_MANAGER=" + d.secrets.url,
		"SETTLE_WINDOW=10s", "IYZICO_TIMEOUT=5s", "RATE_LIMIT_PER_MINUTE=" + strconv.Itoa(anyRate), "LOG_LEVEL=debug",
	}, settings...)
	t.Cleanup(d.close)
	return d
}

func startFake(t testing.TB) (*iyzicotest.Server, string) {
	t.Helper()
	fake, err := iyzicotest.New(iyzicotest.Config{APIKey: testAPIKey, SecretKey: testSecretKey})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(fake)
	t.Cleanup(func() {
		if err := fake.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return fake, server.URL
}

func (d *deployment) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range d.functions {
		f.Close()
	}
}

// config is how a function of this stack runs.
func (d *deployment) config(function string) runtimeapi.Config {
	d.t.Helper()
	env := d.env
	if named := func(v string) bool { return strings.HasPrefix(v, "EVENT_BUS_NAME=") }; function == "close" && !slices.ContainsFunc(env, named) {
		env = append(slices.Clone(env), "EVENT_BUS_NAME=iade", "AWS_ENDPOINT_URL_EVENTBRIDGE="+startAnyBus(d.t))
	}
	return runtimeapi.Config{Bootstrap: bootstrap(d.t, function), Env: env, Log: d.log}
}

// startAnyBus takes every event, one in a call.
func startAnyBus(t testing.TB) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = io.WriteString(w, `{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func (d *deployment) function(name string) *runtimeapi.Function {
	d.t.Helper()
	config := d.config(name)
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.functions[name]
	if f == nil {
		f = runtimeapi.NewFunction(config, mostProcesses)
		d.functions[name] = f
	}
	return f
}

// environment is a function's execution environment that only this test invokes.
func (d *deployment) environment(function string) *runtimeapi.Environment {
	d.t.Helper()
	return d.environmentOf(d.config(function))
}

// environmentOf is environment with a configuration of its own.
func (d *deployment) environmentOf(config runtimeapi.Config) *runtimeapi.Environment {
	e := runtimeapi.NewEnvironment(config)
	d.t.Cleanup(e.Kill)
	return e
}

// do sends a request through the gateway to the function that its route names.
func (d *deployment) do(req apitest.Request) (apitest.Reply, error) {
	name, routeKey, params := routed(req.Method, req.Path)
	return invoke(d.function(name), req, routeKey, params)
}

type invoker interface {
	Invoke(ctx context.Context, event []byte) ([]byte, error)
}

func invoke(f invoker, req apitest.Request, routeKey string, params map[string]string) (apitest.Reply, error) {
	event, err := gatewayEvent(req, routeKey, params)
	if err != nil {
		return apitest.Reply{}, err
	}
	payload, err := f.Invoke(context.Background(), event)
	if err != nil {
		return apitest.Reply{}, err
	}
	return gatewayReply(payload)
}

// reconcile invokes the reconcile function as its schedule does, over and over until the test ends.
func (d *deployment) reconcile() {
	d.t.Helper()
	environment := d.environment("reconcile")
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			if _, err := environment.Invoke(ctx, []byte(`{"reconcile": true}`)); err != nil && !errors.Is(err, context.Canceled) {
				d.t.Errorf("reconcile: %v", err)
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(500 * time.Millisecond):
			}
		}
	}()
	d.t.Cleanup(func() {
		cancel()
		<-done
	})
}

// traces is everything that the functions wrote: their logs and the tables.
func (d *deployment) traces(t *testing.T) []apitest.Trace {
	t.Helper()
	return []apitest.Trace{
		{Name: "the functions' log", Data: logged(d.t, d.log)}, {Name: "the table", Data: d.items(t, d.table)}, {Name: "the journal", Data: d.items(t, d.journal)},
	}
}

// items is all that a table holds, as JSON.
func (d *deployment) items(t *testing.T, table string) []byte {
	t.Helper()
	var items []map[string]any
	pages := dynamodb.NewScanPaginator(d.client, &dynamodb.ScanInput{TableName: aws.String(table)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			members := map[string]any{}
			for name, value := range item {
				members[name] = value
				if packed, ok := value.(*types.AttributeValueMemberB); ok {
					members[name] = unpacked(t, packed.Value)
				}
			}
			items = append(items, members)
		}
	}
	data, err := json.Marshal(items)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// unpacked is the text of an account that is stored compressed.
func unpacked(t *testing.T, packed []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// addPayment gives the fake a payment of one line.
func (d *deployment) addPayment(paid string) string {
	d.t.Helper()
	var answer struct {
		PaymentID string `json:"paymentId"`
	}
	d.control(http.MethodPost, "/_fake/payments", `{"lines":[{"paidPrice":"`+paid+`"}]}`, &answer)
	return answer.PaymentID
}

// script makes the next request on a path go wrong.
func (d *deployment) script(path, mode string) {
	d.t.Helper()
	d.control(http.MethodPost, "/_fake/faults", fmt.Sprintf(`{"path":%q,"mode":%q,"times":1}`, path, mode), nil)
}

// executions counts what really happened to a payment.
func (d *deployment) executions(paymentID string) int {
	d.t.Helper()
	var answer struct {
		Executions []json.RawMessage `json:"executions"`
	}
	d.control(http.MethodGet, "/_fake/executions?paymentId="+paymentID, "", &answer)
	return len(answer.Executions)
}

// requests counts the money requests about a payment that reached iyzico.
func (d *deployment) requests(paymentID string) int {
	d.t.Helper()
	var answer struct {
		Requests []json.RawMessage `json:"requests"`
	}
	d.control(http.MethodGet, "/_fake/requests?paymentId="+paymentID, "", &answer)
	return len(answer.Requests)
}

// control speaks to the fake's control side, past every network.
func (d *deployment) control(method, path, body string, into any) {
	d.t.Helper()
	recorder := httptest.NewRecorder()
	d.fake.ServeHTTP(recorder, httptest.NewRequest(method, path, strings.NewReader(body)))
	if recorder.Code/100 != 2 {
		d.t.Fatalf("%s %s: %d %s", method, path, recorder.Code, recorder.Body)
	}
	if into != nil {
		if err := json.Unmarshal(recorder.Body.Bytes(), into); err != nil {
			d.t.Fatal(err)
		}
	}
}

// post sends a command through the gateway.
func (d *deployment) post(path, key, body string) answer {
	d.t.Helper()
	return d.ask(command(path, key, body))
}

func (d *deployment) get(path string) answer {
	d.t.Helper()
	return d.ask(apitest.Request{Method: http.MethodGet, Path: path})
}

func (d *deployment) ask(req apitest.Request) answer {
	d.t.Helper()
	reply, err := d.do(req)
	if err != nil {
		d.t.Fatalf("%s %s: %v\nlog: %s", req.Method, req.Path, err, logged(d.t, d.log))
	}
	return readAnswer(d.t, reply)
}

// answer is a reply with the members that tests look at.
type answer struct {
	apitest.Reply

	ID        string `json:"id"`
	State     any    `json:"status"` // a resource's text, a problem's number
	Type      string `json:"type"`
	Operation struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	} `json:"operation"`
}

func readAnswer(t testing.TB, reply apitest.Reply) answer {
	t.Helper()
	a := answer{Reply: reply}
	if err := json.Unmarshal(reply.Body, &a); err != nil {
		t.Fatalf("%d %s: %v", reply.Status, reply.Body, err)
	}
	return a
}

// logged is what the processes wrote so far.
func logged(t testing.TB, log *runtimeapi.Log) []byte {
	t.Helper()
	data, err := log.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}
