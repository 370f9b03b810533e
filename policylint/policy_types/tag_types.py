"""The resource types that tag policies can enforce, by service.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_supported-resources-enforcement.html,
the rows that say yes to enforcement, read 2026-11-25.
"""

from __future__ import annotations

# A line is a service and its types; "+" is ALL_SUPPORTED. Long lines go on indented.
_TABLE = """
acm + certificate
acm-pca + certificate-authority
amplifyuibuilder + app/environment/components
aoss + collection
apigateway + apikeys domainnames restapis
appconfig application application/configurationprofile application/environment application/environment/deployment
  deploymentstrategy
appmesh + mesh mesh/virtualgateway mesh/virtualgateway/gatewayroute mesh/virtualnode mesh/virtualrouter
  mesh/virtualrouter/route mesh/virtualservice
athena + workgroup
auditmanager + assessment assessmentframework control
backup + backup-plan backup-vault
backup-gateway + gateway hypervisor vm
batch + job job-definition job-queue
bugbust + event
catalog + portfolio product
chime + app-instance app-instance/channel app-instance/user media-pipeline meeting sma vc
cleanrooms + collaboration configuredtable membership membership/configuredtableassociation
cloud9 + environment
cloudfront + distribution streaming-distribution
cloudtrail + trail
cloudwatch + alarm insight-rule metric-stream
codebuild + project
codecatalyst + connections
codecommit + repository
codeguru-reviewer + association
codeguru-security + scans
codepipeline + actiontype pipeline webhook
codestar-connections + connection host
cognito-identity + identitypool
cognito-idp + userpool
comprehend + document-classifier entity-recognizer
config + aggregation-authorization config-aggregator config-rule
connect + instance/agent instance/contact-flow instance/integration-association instance/queue
  instance/routing-profile instance/transfer-destination
diode-messaging mapping
directconnect + dxcon dxlag dxvif
dlm + policy
dms + endpoint es rep subgrp task
dynamodb + table
ec2 + capacity-reservation capacity-reservation-fleet carrier-gateway client-vpn-endpoint coip-pool customer-gateway
  dedicated-host dhcp-options egress-only-internet-gateway elastic-ip export-image-task export-instance-task fleet
  fpga-image host-reservation image import-image-task import-snapshot-task instance instance-connect-endpoint
  instance-event-window internet-gateway ipam ipam-external-resource-verification-token ipam-pool
  ipam-resource-discovery ipam-resource-discovery-association ipam-scope ipv4pool-ec2 key-pair launch-template
  local-gateway-route-table local-gateway-route-table-virtual-interface-group-association
  local-gateway-route-table-vpc-association natgateway network-acl network-insights-access-scope
  network-insights-access-scope-analysis network-insights-analysis network-insights-path network-interface
  placement-group prefix-list replace-root-volume-task reserved-instances route-table security-group snapshot
  spot-fleet-request spot-instances-request subnet subnet-cidr-reservation traffic-mirror-filter
  traffic-mirror-session traffic-mirror-target transit-gateway transit-gateway-attachment transit-gateway-connect-peer
  transit-gateway-multicast-domain transit-gateway-policy-table transit-gateway-route-table
  transit-gateway-route-table-announcement verified-access-endpoint verified-access-group verified-access-instance
  verified-access-trust-provider volume vpc vpc-endpoint vpc-endpoint-service vpc-flow-log vpc-peering-connection
  vpn-connection vpn-gateway
ecr + repository
ecs + capacity-provider cluster service task-definition task-set
eks + cluster
elasticache + cluster
elasticbeanstalk + application applicationversion configurationtemplate platform
elasticfilesystem + file-system
elasticloadbalancing listener listener-rule loadbalancer targetgroup
elasticmapreduce + cluster editor
emr-serverless applications
entityresolution + matchingworkflow schemamapping
es + domain
events + event-bus rule
firehose + deliverystream
frauddetector + detector detector-version model rule variable
fsx + backup file-system
globalaccelerator accelerator
greengrass + bulk connectorsdefinition coresdefinition devicesdefinition functionsdefinition loggersdefinition
  resourcesdefinition subscriptionsdefinition
guardduty detector detector/filter detector/ipset detector/threatintelset
healthlake + datastore
iam + instance-profile mfa oidc-provider policy saml-provider server-certificate
inspector2 + filter
internetmonitor + monitor
iotanalytics + channel dataset datastore pipeline
iotevents + detectormodel input
iotfleethub + application
iotsitewise + asset asset-model
kinesisanalytics + application
kms + key
lambda + function
logs destination log-group
macie2 +
mediastore + container
mq + broker configuration
network-firewall + firewall firewall-policy stateful-rulegroup stateless-rulegroup
oam + link sink
omics + annotationstore annotationstore/version referencestore referencestore/reference run rungroup sequencestore
  sequencestore/readset variantstore workflow
organizations + account ou policy root
pipes + pipe
ram + resource-share
rbin + rule
rds + cluster-endpoint cluster-pg db-proxy db-proxy-endpoint es og pg ri secgrp subgrp target-group
redshift + cluster eventsubscription hsmclientcertificate hsmconfiguration parametergroup snapshot snapshotcopygrant
  snapshotschedule subnetgroup
redshift-serverless + namespace workgroup
resource-groups + group
route53 + hostedzone
route53resolver + resolver-endpoint resolver-rule
s3 + bucket storage-lens storage-lens-group
sagemaker action app-image-config artifact context experiment flow-definition human-task-ui model-package
  model-package-group pipeline processing-job project training-job
scheduler + schedule-group
secretsmanager + secret
securitylake + data-lake subscriber
servicecatalog + applications attribute-groups
sms-voice + configuration-set opt-out-list phone-number pool sender-id
sns + topic
sqs + queue
ssm + association automation-execution document maintenancewindow managed-instance opsitem patchbaseline session
ssm-contacts + contact
states + activity statemachine
storagegateway gateway gateway/volume share tape
textract + adapters
transfer + server user workflow
wellarchitected + workload
wickr + network
wisdom + assistant association content knowledge-base session
worklink fleet
workspaces + connectionalias directory workspace workspacebundle workspaceimage workspaceipgroup
"""


def _read() -> dict[str, frozenset[str]]:
    lines = (line.split() for line in _TABLE.replace("\n ", " ").strip().splitlines())
    return {
        service: frozenset(f"{service}:{kind.replace('+', 'ALL_SUPPORTED')}" for kind in kinds)
        for service, *kinds in lines
    }


BY_SERVICE = _read()
ENFORCEABLE = frozenset[str]().union(*BY_SERVICE.values())
