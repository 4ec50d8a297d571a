package iyzico

import "strings"

// WebhookSignatureDirect returns the X-IYZ-SIGNATURE-V3 of a notification in the direct format (API and 3DS payments),
// as lowercase hex (reference §7). Compare with SignaturesEqual. A webhook is a reason to read iyzico's report, never
// proof that money moved.
func WebhookSignatureDirect(secretKey Secret, eventType, paymentID, paymentConversationID, status string) string {
	return webhookSignature(secretKey, eventType, paymentID, paymentConversationID, status)
}

// WebhookSignatureHPP returns the X-IYZ-SIGNATURE-V3 of a notification in the hosted-page format (checkout form, pay with
// iyzico, tokenization), as lowercase hex (reference §7).
func WebhookSignatureHPP(secretKey Secret, eventType, iyziPaymentID, token, paymentConversationID, status string) string {
	return webhookSignature(secretKey, eventType, iyziPaymentID, token, paymentConversationID, status)
}

func webhookSignature(secretKey Secret, values ...string) string {
	return hexMAC(secretKey, []byte(secretKey.Reveal()+strings.Join(values, "")))
}
