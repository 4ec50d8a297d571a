package main

import (
	"encoding/json"
	"fmt"
)

// preview shows what a refund would do. It stores nothing and needs no key: iade stores and sends nothing either.
func preview(payment, amount string) (int, error) {
	body, err := json.Marshal(map[string]string{"paymentId": payment, "amount": amount, "allocation": "proportional"})
	if err != nil {
		return 1, err
	}
	answer := post("/refunds/preview", "", string(body))
	if answer.Legs == nil {
		return 1, fmt.Errorf("iade would refuse it: %s %s", answer.Status, answer.Detail)
	}
	for _, leg := range answer.Legs {
		fmt.Println(leg.PaymentTransactionID, leg.Amount)
	}
	fmt.Println("refundable now:", answer.Refundable)
	return 0, nil
}
