// Command generated asks an iade for a refund through a client that was generated from openapi.yaml alone, and prints what
// it learned: generated URL PAYMENT.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/iade/iade/tools/client"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url, payment string) error {
	api, err := client.NewClientWithResponses(url)
	if err != nil {
		return err
	}
	key := "generated-1"
	ask := func(key, sum string) (*client.CreateRefundResponse, error) {
		var amount client.AmountInput
		if err := amount.FromAmountInput0(sum); err != nil {
			return nil, err
		}
		return api.CreateRefundWithResponse(ctx, &client.CreateRefundParams{IdempotencyKey: key}, client.RefundRequest{PaymentId: payment, Amount: &amount})
	}

	first, err := ask(key, "10.50")
	if err != nil {
		return fmt.Errorf("refund: %w", err)
	}
	if first.JSON201 == nil {
		return fmt.Errorf("refund: %s", first.Body)
	}
	id := first.JSON201.Id
	fmt.Println("refunded", *first.JSON201.RefundedAmount, first.JSON201.Status)

	again, err := ask(key, "10.50")
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	if again.JSON200 == nil {
		return fmt.Errorf("replay: %s", again.Body)
	}
	fmt.Println("replayed", again.JSON200.Id == id, again.HTTPResponse.Header.Get("Idempotent-Replayed"))

	other := "generated-2"
	more, err := ask(other, "89.51")
	if err != nil {
		return fmt.Errorf("more than is left: %w", err)
	}
	if more.ApplicationproblemJSON422 == nil {
		return fmt.Errorf("more than is left: %s", more.Body)
	}
	problem, err := more.ApplicationproblemJSON422.AsExceedsRefundableProblem()
	if err != nil {
		return err
	}
	fmt.Println("problem", problem.Type, *problem.Refundable)

	bad, err := ask("two, of which a gateway made one", "1")
	if err != nil {
		return fmt.Errorf("without a key: %w", err)
	}
	if bad.ApplicationproblemJSON400 == nil {
		return fmt.Errorf("without a key: %s", bad.Body)
	}
	fmt.Println("fault", bad.ApplicationproblemJSON400.Errors[0].Field)

	view, err := api.GetPaymentWithResponse(ctx, payment, nil)
	if err != nil {
		return fmt.Errorf("payment: %w", err)
	}
	if view.JSON200 == nil {
		return fmt.Errorf("payment: %s", view.Body)
	}
	fmt.Println("left", view.JSON200.RefundableAmount, len(view.JSON200.Operations))
	return nil
}
