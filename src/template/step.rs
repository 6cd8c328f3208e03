//! What a deployment does after a stack: what an engine has no resource for, and what no resource can wait
//! for.

/// Something that a deployment does after a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Removes the rules of the group that AWS makes in every VPC. With CloudFormation only.
    StripDefaultSecurityGroup,
    /// Gives a VPN connection its transit gateway route tables. With CloudFormation only.
    RouteVpn,
    /// Writes the tenant into the catalogue of its pool. With CloudFormation only.
    PutCatalogueItem,
    /// Makes tags count in the bill, as far as the bill knows them. With both engines: it works
    /// only after the tags were first seen in a bill, so no resource can wait for it.
    ActivateCostTags,
    /// Switches Amazon Inspector on. With CloudFormation only.
    EnableInspector,
    /// Makes a cluster of hardware that holds keys, if it is not there. With CloudFormation only.
    MakeHsmCluster,
}

impl Step {
    /// As it stands in the manifest.
    pub fn id(self) -> &'static str {
        match self {
            Step::StripDefaultSecurityGroup => "strip-default-security-group",
            Step::RouteVpn => "route-vpn",
            Step::PutCatalogueItem => "put-catalogue-item",
            Step::ActivateCostTags => "activate-cost-tags",
            Step::EnableInspector => "enable-inspector",
            Step::MakeHsmCluster => "make-hsm-cluster",
        }
    }
}
