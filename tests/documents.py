"""The documents that many tests send."""

REFUSAL = """
    ... on UserError { code message path }
    ... on CreditLimitExceeded { most }
    ... on BalanceCeilingExceeded { most }
"""
TRANSFER = "transfer { id state amount description cancelledBy cancellationReason systemReason }"

PROPOSE = f"""
mutation Propose($input: ProposeTransferInput!) {{
  proposeTransfer(input: $input) {{
    __typename ... on TransferPayload {{ {TRANSFER} }} {REFUSAL}
    ... on InvalidInput {{ problems {{ path code message }} }}
    ... on EntityNotTrading {{ status }}
    ... on IdempotencyKeyReused {{ transferId }}
  }}
}}"""
ACCEPT = f"""
mutation Accept($input: AcceptTransferInput!) {{
  acceptTransfer(input: $input) {{
    __typename ... on TransferPayload {{ {TRANSFER} }}
    ... on UserError {{ code message path }}
    ... on TransferCancelledBySystem {{ reason {TRANSFER} }}
    ... on TransferAlreadyDecided {{ state cancelledBy }}
  }}
}}"""
END = """
mutation End($input: EndTransferInput!) {
  %s(input: $input) {
    __typename ... on TransferPayload { TRANSFER }
    ... on UserError { code message path }
    ... on TransferAlreadyDecided { state cancelledBy }
  }
}""".replace("TRANSFER }", TRANSFER + " }")
REJECT, CANCEL = END % "rejectTransfer", END % "cancelTransfer"

BALANCE = "query Balance($id: ID!) { entity(id: $id) { account { balance } } }"
TRANSFERS = """
query Transfers($id: ID!) {
  entity(id: $id) { transfers(first: 100) { nodes { id state amount cancelledBy } } }
}"""
