// Package dynamo keeps accounts in one DynamoDB table, one item each, and the rate limits' counters beside
// them. docs/how-it-works.md describes the table; CreateTable makes the same one for a machine without CloudFormation.
package dynamo

import "github.com/aws/aws-sdk-go-v2/service/dynamodb"

// Store is a payment.Store in one DynamoDB table, with the quota's counters. It is safe for concurrent use, by any
// number of processes.
type Store struct {
	client *dynamodb.Client
	table  string
}

// New gives the store in that table, which must exist. The client should come from NewClient, whose retries and timeouts
// fit a request that somebody waits for.
func New(client *dynamodb.Client, table string) *Store { return &Store{client, table} }
