"""GraphQL documents for Linear."""

_ISSUE = "identifier title url priority updatedAt state { name } assignee { displayName } labels { nodes { name } }"

CREATE = f"mutation($input: IssueCreateInput!) {{ issueCreate(input: $input) {{ success issue {{ {_ISSUE} }} }} }}"
UPDATE = (
    "mutation($id: String!, $input: IssueUpdateInput!) "
    f"{{ issueUpdate(id: $id, input: $input) {{ success issue {{ {_ISSUE} }} }} }}"
)
COMMENT = "mutation($input: CommentCreateInput!) { commentCreate(input: $input) { success } }"
ONE = f"query($id: String!) {{ issue(id: $id) {{ {_ISSUE} }} }}"
LIST = (
    "query($filter: IssueFilter!, $first: Int!) "
    f"{{ issues(filter: $filter, first: $first, orderBy: updatedAt) {{ nodes {{ {_ISSUE} }} }} }}"
)
SEARCH = (
    "query($term: String!, $first: Int!, $team: String!) "
    f"{{ searchIssues(term: $term, first: $first, teamId: $team) {{ nodes {{ {_ISSUE} }} }} }}"
)
NAMES = (
    "query($team: ID!, $labels: [String!]!, $user: String!, $state: String!) { "
    "issueLabels(first: 50, filter: { name: { in: $labels } }) { nodes { id name } } "
    "users(first: 10, filter: { or: [{ displayName: { eqIgnoreCase: $user } }, { email: { eqIgnoreCase: $user } }] }) "
    "{ nodes { id name displayName email } } "
    "workflowStates(first: 10, filter: { team: { id: { eq: $team } }, name: { eqIgnoreCase: $state } }) "
    "{ nodes { id name } } }"
)
