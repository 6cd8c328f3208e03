//! EC2 instances that come and go: what they are launched from, how many there are, and what
//! decides that.

use crate::resource::iam::InstanceProfile;
use crate::resource::security::SecurityGroup;
use crate::resource::vpc::Subnet;
use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// What instances are launched from. Their metadata is given out to version 2 of its service only
/// and not to containers, and their root volume is encrypted, whatever the image says.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html>.
#[derive(Debug)]
pub struct LaunchTemplate {
    /// The path of the public or own Systems Manager parameter that holds the id of the image. EC2
    /// reads it whenever an instance is launched. Source:
    /// <https://docs.aws.amazon.com/autoscaling/ec2/userguide/using-systems-manager-parameters.html>.
    pub image_parameter: String,
    /// The size of the root volume in GiB, at least that of the image; `None` is that of the image.
    pub volume: Option<u16>,
    /// What gives instances their role.
    pub profile: Id<InstanceProfile>,
    /// The groups of their interfaces.
    pub groups: Vec<Id<SecurityGroup>>,
    /// What runs when one starts.
    pub user_data: Option<Value>,
    /// The tags of instances and their volumes: those of the template.
    pub tags: Vec<(String, Value)>,
}

/// The name of the root volume in images of Amazon Linux and Bottlerocket.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html>.
const ROOT: &str = "/dev/xvda";

/// What says that the id of an image is in a parameter.
pub fn image_id(parameter: &str) -> String {
    format!("resolve:ssm:{parameter}")
}

resource!(LaunchTemplate, Some("AWS::EC2::LaunchTemplate"), "aws_launch_template", taggable: true, |self| {
    let mut volume = vec![
        ("Encrypted", true.into()),
        ("VolumeType", "gp3".into()),
        ("DeleteOnTermination", true.into()),
    ];
    volume.extend(self.volume.map(|size| ("VolumeSize", size.into())));
    let volume = Value::Block(volume);
    let metadata = block([
        ("HttpEndpoint", "enabled".into()),
        ("HttpTokens", "required".into()),
        ("HttpPutResponseHopLimit", 1_u16.into()),
    ]);
    let root = block([("DeviceName", ROOT.into()), ("Ebs", volume)]);
    let tagged = ["instance", "volume"].map(|kind| {
        block([("ResourceType", kind.into()), ("Tags", Value::Tags(self.tags.clone()))])
    });
    let mut data = vec![
        ("ImageId", image_id(&self.image_parameter).into()),
        ("IamInstanceProfile", block([("Arn", self.profile.att("Arn"))])),
        ("SecurityGroupIds", self.groups.iter().map(Id::group_id).collect::<Vec<_>>().into()),
        ("MetadataOptions", metadata),
        ("BlockDeviceMappings", Value::List(vec![root])),
        ("TagSpecifications", Value::List(tagged.into())),
    ];
    data.extend(self.user_data.map(|text| ("UserData", Value::Base64(Box::new(text)))));
    Body::new().set("LaunchTemplateData", Value::Block(data))
});

/// What says whether an instance is healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Its hardware and system.
    Ec2,
    /// Its load balancer, too.
    LoadBalancer,
}

/// Instances of a launch template, over several zones.
#[derive(Debug)]
pub struct AutoScalingGroup {
    /// What they are launched from.
    pub template: Id<LaunchTemplate>,
    /// Their types, the first is preferred.
    pub types: Vec<String>,
    /// Where they stand.
    pub subnets: Vec<Id<Subnet>>,
    /// Never less and never more.
    pub bounds: (u32, u32),
    /// How many are on demand before any is spot.
    pub on_demand_base: u32,
    /// The share of the others that is spot, in percent.
    pub spot_percent: u8,
    /// The ARNs of the target groups that they join.
    pub target_groups: Vec<Value>,
    /// What says whether they are healthy.
    pub health: Health,
    /// Whether somebody else, such as a capacity provider of Amazon ECS, decides which one goes.
    pub protected: bool,
}

/// How long an instance may take to start before its health counts, in seconds.
const GRACE: u16 = 300;

resource!(AutoScalingGroup, Some("AWS::AutoScaling::AutoScalingGroup"), "aws_autoscaling_group", taggable: true, |self| {
    let specification = block([
        ("LaunchTemplateId", Value::from(&self.template)),
        ("Version", self.template.att("LatestVersionNumber")),
    ]);
    let overrides: Vec<Value> =
        self.types.iter().map(|kind| block([("InstanceType", Value::from(kind))])).collect();
    // The order of the types counts on demand; of spot, the pools that are least likely to be
    // taken away. Source:
    // https://docs.aws.amazon.com/autoscaling/ec2/userguide/allocation-strategies.html.
    let distribution = block([
        ("OnDemandAllocationStrategy", "prioritized".into()),
        ("OnDemandBaseCapacity", self.on_demand_base.into()),
        ("OnDemandPercentageAboveBaseCapacity", (100 - u16::from(self.spot_percent)).into()),
        ("SpotAllocationStrategy", "price-capacity-optimized".into()),
    ]);
    let launch = block([
        ("LaunchTemplateSpecification", specification),
        ("Overrides", Value::List(overrides)),
    ]);
    let health = match self.health {
        Health::Ec2 => "EC2",
        Health::LoadBalancer => "ELB",
    };
    Body::new()
        .set_list("VPCZoneIdentifier", &self.subnets)
        .set("MinSize", self.bounds.0.to_string())
        .set("MaxSize", self.bounds.1.to_string())
        .set("HealthCheckType", health)
        .set("HealthCheckGracePeriod", GRACE)
        // Capacity moves away from a spot instance before AWS takes it back.
        .set("CapacityRebalance", self.spot_percent > 0)
        .set("NewInstancesProtectedFromScaleIn", self.protected)
        .set_list("TargetGroupARNs", &self.target_groups)
        .set("MixedInstancesPolicy", block([
            ("InstancesDistribution", distribution),
            ("LaunchTemplate", launch),
        ]))
});

/// Keeps the average CPU of a group where it shall be.
/// Source: <https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html>.
#[derive(Debug)]
pub struct ScalingPolicy {
    /// The group.
    pub group: Id<AutoScalingGroup>,
    /// Average CPU, in percent.
    pub cpu: u8,
}

resource!(ScalingPolicy, Some("AWS::AutoScaling::ScalingPolicy"), "aws_autoscaling_policy", taggable: false, |self| {
    let metric = block([("PredefinedMetricType", "ASGAverageCPUUtilization".into())]);
    Body::new()
        .set("AutoScalingGroupName", &self.group)
        .set("PolicyType", "TargetTrackingScaling")
        .set("TargetTrackingConfiguration", block([
            ("PredefinedMetricSpecification", metric),
            ("TargetValue", u16::from(self.cpu).into()),
        ]))
});
