// Package breadth executes GraphQL operations breadth first over gqlgen's generated types.
package breadth
