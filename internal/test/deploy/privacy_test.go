package deploy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/internal/test/repo"
)

// kept gives the rows of one of the privacy document's tables.
func kept(t *testing.T, table string) [][]string {
	t.Helper()
	return repo.Table(t, "docs/privacy.md", table)
}

var (
	quoted = regexp.MustCompile("`([^`]+)`")
	bold   = regexp.MustCompile(`\*\*([^*]+)\*\*`)
)

// names lists what stands in backticks in the first cells.
func names(rows [][]string) []string {
	var all []string
	for _, row := range rows {
		for _, match := range quoted.FindAllStringSubmatch(row[0], -1) {
			all = append(all, match[1])
		}
	}
	slices.Sort(all)
	return all
}

// TestThePrivacyTableListsEveryStoredField: the account in testdata has a value in every field, which
// TestTheStoredFormIsTheGoldenOne holds.
func TestThePrivacyTableListsEveryStoredField(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("internal/payment/testdata/account.json")
	if err != nil {
		t.Fatal(err)
	}
	var account any
	if err := json.Unmarshal(data, &account); err != nil {
		t.Fatal(err)
	}
	stored := map[string]bool{}
	apitest.Leaves(account, "", stored)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(stored)), names(kept(t, "fields"))); diff != "" {
		t.Errorf("(- stored, + documented):\n%s", diff)
	}
}

// TestThePrivacyTableClassifiesEveryMemberOfARequest: whoever adds one says what becomes of it.
func TestThePrivacyTableClassifiesEveryMemberOfARequest(t *testing.T) {
	t.Parallel()
	document, err := apitest.LoadDocument()
	if err != nil {
		t.Fatal(err)
	}
	members := map[string]bool{}
	for _, schema := range []string{"RefundRequest", "CancelRequest", "FundPaymentRequest"} {
		apitest.Members(document.API.Components.Schemas[schema], "", members)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(members)), names(kept(t, "members"))); diff != "" {
		t.Errorf("(- openapi.yaml, + documented):\n%s", diff)
	}
}

// TestThePrivacyTablesTimesAreTheTemplates. Those of the table's items are held in internal/store/dynamo and internal/returnlink.
func TestThePrivacyTablesTimesAreTheTemplates(t *testing.T) {
	t.Parallel()
	d := deploy(t, nil)
	days := func(seconds any) string { return fmt.Sprintf("%d days", seconds.(int)/86400) }
	logDays := func(id string) string { return fmt.Sprintf("%v days", d.properties(id)["RetentionInDays"]) }
	backups := d.properties("Table")["PointInTimeRecoverySpecification"].(object)["RecoveryPeriodInDays"]
	want := map[string]string{
		"memory of a function":               fmt.Sprintf("%v seconds", d.functions["RefundFunction"].(object)["Timeout"]),
		"table: accounts of payments":        "400 days",
		"table: accounts of fund payments":   "for good",
		"table: counters of calls":           "1 hour",
		"table: backups":                     fmt.Sprintf("%v days", backups),
		"table: stream":                      "24 hours", // AWS's
		"journal":                            settingsOf(t, d, "PublishFunction")["JOURNAL_RETENTION_DAYS"] + " days",
		"journal's table: days":              settingsOf(t, d, "CloseFunction")["JOURNAL_RETENTION_DAYS"] + " days",
		"functions' logs":                    logDays("RefundLogGroup"),
		"access log of the API":              logDays("ApiLogGroup"),
		"command queues":                     days(d.properties("RefundQueue")["MessageRetentionPeriod"]),
		"dead-letter queues of commands":     days(d.properties("RefundDeadLetterQueue")["MessageRetentionPeriod"]),
		"dead-letter queue of the publisher": days(d.properties("PublishDeadLetterQueue")["MessageRetentionPeriod"]),
		"bus":                                map[bool]string{true: "not kept", false: "archived"}[len(d.ofType("AWS::Events::Archive")) == 0],
		"iyzico's keys, the callback's key":  "until deleted",
		"link back from iyzico":              "400 days",
		"folder of `cmd/local`":              "until reset",
	}
	got := map[string]string{}
	for _, row := range kept(t, "places") {
		if match := bold.FindStringSubmatch(row[2]); match != nil {
			got[row[0]] = match[1]
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(- deployed, + documented):\n%s", diff)
	}
	for _, id := range d.ofType("AWS::Logs::LogGroup") {
		if logDays(id) != want["functions' logs"] {
			t.Errorf("%s keeps %s", id, logDays(id))
		}
	}
	for _, id := range d.ofType("AWS::SQS::Queue") {
		if got := days(d.properties(id)["MessageRetentionPeriod"]); got != want["command queues"] {
			t.Errorf("%s keeps %s", id, got)
		}
	}
	for _, id := range d.ofType("AWS::SecretsManager::Secret") {
		if d.resources[id].(object)["DeletionPolicy"] != "RetainExceptOnCreate" {
			t.Errorf("%s goes with the stack", id)
		}
	}
}
