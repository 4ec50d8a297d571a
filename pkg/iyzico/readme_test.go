package iyzico_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/pkg/iyzico"
)

func refundOf(amount string) decimal.Decimal { return decimal.RequireFromString(amount) }

// Example is the README's: what stands between its marks stands there too.
func Example() {
	baseURL, apiKey, secretKey, stop := fakeIyzico()
	defer stop()
	ctx := context.Background()

	// README begins
	client, err := iyzico.New(iyzico.Config{BaseURL: baseURL, APIKey: apiKey, SecretKey: secretKey})
	if err != nil {
		panic(err)
	}
	refund, err := client.Refund(ctx, iyzico.RefundRequest{
		PaymentTransactionID: "27169345",
		Price:                decimal.RequireFromString("10.50"),
		Currency:             "TRY",
		ConversationID:       "refund-4711-1", // a fresh one for every request
	})
	switch iyzico.OutcomeOf(err) {
	case iyzico.Succeeded:
		fmt.Println("refunded", refund.Price, refund.Currency)
	case iyzico.Rejected:
		fmt.Println("no money moved, iyzico said no:", err)
	case iyzico.NotSent:
		fmt.Println("no money moved, send it again later:", err)
	case iyzico.Unknown:
		// Do not send it again. Ask what became of it, and ask again if the report does not show it yet.
		report, err := client.RetrieveReport(ctx, iyzico.RetrieveReportRequest{PaymentID: "25180188"})
		if err != nil {
			panic(err)
		}
		for _, payment := range report.Payments {
			for _, line := range payment.Lines {
				for _, entry := range line.Refunds {
					if entry.ConversationID == "refund-4711-1" && entry.Status == 1 {
						fmt.Println("the answer was lost, but it was refunded:", entry.Price)
					}
				}
			}
		}
	}
	// README ends

	// Output: the answer was lost, but it was refunded: 10.5
}

// TestTheReadmeShowsTheExample keeps the README's code the code that runs.
func TestTheReadmeShowsTheExample(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(source), "\t// README begins\n")
	code, _, found := strings.Cut(code, "\t// README ends\n")
	if code = strings.ReplaceAll("\n"+code, "\n\t", "\n"); !found || !strings.Contains(string(readme), "```go"+code+"```") {
		t.Errorf("README.md does not show:\n%s", code)
	}
}
